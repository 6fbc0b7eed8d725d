//! Invented models, records and work. Values are few, so that they meet often.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{Filter, Model, Query};
use tenon_model::{
    Comparison, Condition, Entity, Index, Key, Property, PropertyType, SortKey, Value,
};

/// A model and what is done with it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The model, of the name `Thing`, and open.
    pub model: Model,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

/// One call.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is the function of its name")]
pub enum Step {
    Create(Entity),
    CreateAll(Vec<Entity>),
    Save(Entity),
    Find(Key),
    UpdateAttributes(Key, Entity),
    Update(Filter, Entity),
    Destroy(Key),
    DestroyAll(Filter),
    Count(Filter),
    All(Query),
}

/// The properties that are not in the key.
const PROPERTIES: [(&str, PropertyType); 6] = [
    ("number", PropertyType::Integer),
    ("text", PropertyType::Text),
    ("float", PropertyType::Float),
    ("flag", PropertyType::Boolean),
    ("moment", PropertyType::Timestamp),
    ("exact", PropertyType::Decimal),
];

/// Models of one or two key properties and up to three indexes, and twenty steps or so.
pub fn scenario() -> impl Strategy<Value = Scenario> {
    model().prop_flat_map(|model| {
        let steps = vec(step(&model), 1..40);
        (Just(model), steps).prop_map(|(model, steps)| Scenario { model, steps })
    })
}

fn model() -> impl Strategy<Value = Model> {
    let key = vec(
        select(vec![PropertyType::Integer, PropertyType::Text]),
        1..=2,
    );
    // Unique ones are rarer, or nothing could be stored.
    let indexes = btree_map("[a-c]", index(0.2), 0..=3);
    let hash_key = any::<bool>();
    (key, indexes, hash_key).prop_map(|(key, indexes, hash_key)| {
        let mut model = tenon_model::Model::new("Thing").open();
        for (place, kind) in key.into_iter().enumerate() {
            model = model.key(format!("key{place}"), kind);
        }
        for (name, kind) in PROPERTIES {
            model = model.property(Property::new(name, kind));
        }
        model.indexes = indexes
            .into_iter()
            .map(|(name, index)| Index { name, ..index })
            .collect();
        model.settings = hash_key.then(|| r#"{"kind": "hash"}"#.to_owned());
        model.to_contract()
    })
}

fn index(unique: f64) -> impl Strategy<Value = Index> {
    let names: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
    let parts = btree_set(select(names), 1..=2).prop_flat_map(|names| {
        let names: Vec<&str> = names.into_iter().collect();
        let descending = vec(any::<bool>(), names.len());
        (Just(names).prop_shuffle(), descending)
    });
    (
        parts,
        proptest::bool::weighted(unique),
        proptest::bool::weighted(0.3),
    )
        .prop_map(|((names, descending), unique, hash)| {
            let sort = |(name, descending): (&str, bool)| SortKey {
                property: name.to_owned(),
                path: Vec::new(),
                descending,
            };
            Index {
                name: String::new(),
                properties: names.into_iter().zip(descending).map(sort).collect(),
                unique,
                settings: hash.then(|| r#"{"kind": "hash"}"#.to_owned()),
            }
        })
}

/// A value of that kind, never null.
fn value(kind: PropertyType) -> BoxedStrategy<Value> {
    match kind {
        PropertyType::Integer => prop_oneof![-3..4_i64, Just(i64::MAX), Just(i64::MIN)]
            .prop_map(Value::Integer)
            .boxed(),
        PropertyType::Float => select(vec![-1.5, -0.0, 0.0, 2.0, 1e300])
            .prop_map(Value::Float)
            .boxed(),
        PropertyType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        PropertyType::Timestamp => (-2..3_i64).prop_map(Value::Timestamp).boxed(),
        PropertyType::Decimal => select(vec!["-1.5", "0", "1.0", "1.00", "12345678901234567890.5"])
            .prop_map(|text| Value::Decimal(text.into()))
            .boxed(),
        _ => select(vec![
            "",
            "a",
            "ab",
            "abc",
            "a%",
            "b",
            "\u{0}",
            "a\u{0}b",
            "ä",
            "\u{10FFFF}",
        ])
        .prop_map(Value::from)
        .boxed(),
    }
}

/// Absent, null or a value.
fn perhaps(kind: PropertyType) -> BoxedStrategy<Option<Value>> {
    prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 4 => value(kind).prop_map(Some)]
        .boxed()
}

fn properties() -> impl Strategy<Value = Entity> {
    let declared: Vec<_> = PROPERTIES.iter().map(|(_, kind)| perhaps(*kind)).collect();
    (declared, perhaps(PropertyType::Integer)).prop_map(|(values, undeclared)| {
        let declared = PROPERTIES.iter().map(|(name, _)| *name).zip(values);
        let all = declared.chain([("undeclared", undeclared)]);
        all.filter_map(|(name, value)| value.map(|value| (name, value)))
            .collect::<Entity>()
    })
}

fn key(model: &Model) -> BoxedStrategy<Vec<(String, Value)>> {
    let parts: Vec<_> = model
        .properties
        .iter()
        .filter(|property| property.key.is_some())
        .collect();
    let names: Vec<String> = parts.iter().map(|property| property.name.clone()).collect();
    let values: Vec<_> = parts.iter().map(|property| value(property.kind)).collect();
    values
        .prop_map(move |values| names.iter().cloned().zip(values).collect())
        .boxed()
}

fn record(model: &Model) -> impl Strategy<Value = Entity> + use<> {
    (key(model), properties()).prop_map(|(key, rest)| {
        let mut record: Entity = key.into_iter().collect();
        record.merge(rest);
        record
    })
}

fn id(model: &Model) -> impl Strategy<Value = Key> + use<> {
    key(model).prop_map(|parts| Key::composite(parts.into_iter().map(|(_, value)| value)))
}

fn condition(model: &Model) -> impl Strategy<Value = Condition> + use<> {
    let mut properties: Vec<(String, PropertyType)> = model
        .properties
        .iter()
        .map(|property| (property.name.clone(), property.kind))
        .collect();
    properties.push(("undeclared".into(), PropertyType::Integer));
    select(properties).prop_flat_map(|(property, kind)| {
        let operand = move || prop_oneof![1 => Just(Value::Null), 8 => value(kind)];
        let comparisons = vec![
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
        ];
        let one = (select(comparisons), operand())
            .prop_map(|(comparison, operand)| (comparison, vec![operand]));
        let between = (operand(), operand())
            .prop_map(|(least, most)| (Comparison::Between, vec![least, most]));
        let several = (
            select(vec![Comparison::OneOf, Comparison::NotOneOf]),
            vec(operand(), 0..4),
        );
        let exists =
            any::<bool>().prop_map(|there| (Comparison::Exists, vec![Value::Boolean(there)]));
        let texts = kind == PropertyType::Text;
        let patterns = select(vec!["a%", "%", "ab_", "a\\%", "_", "a\\%%", "\u{10FFFF}%"]);
        let like = patterns.prop_map(|pattern| (Comparison::Like, vec![Value::from(pattern)]));
        let asked = prop_oneof![
            4 => one.boxed(),
            1 => between.boxed(),
            2 => several.boxed(),
            1 => exists.boxed(),
            2 => if texts { like.boxed() } else { Just((Comparison::OneOf, Vec::new())).boxed() },
        ];
        asked.prop_map(move |(comparison, operands)| Condition {
            property: property.clone(),
            path: Vec::new(),
            comparison,
            operands,
        })
    })
}

fn filter(model: &Model) -> impl Strategy<Value = Filter> + use<> {
    let leaf = condition(model).prop_map(tenon_model::Filter::Condition);
    let tree = leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 0..4).prop_map(tenon_model::Filter::AllOf),
            1 => vec(inner.clone(), 0..3).prop_map(tenon_model::Filter::AnyOf),
            1 => vec(inner, 0..3).prop_map(tenon_model::Filter::NoneOf),
        ]
    });
    prop_oneof![1 => Just(tenon_model::Filter::all()), 4 => tree]
        .prop_map(|filter| filter.to_nodes())
}

fn query(model: &Model) -> impl Strategy<Value = Query> + use<> {
    let names: Vec<String> = model
        .properties
        .iter()
        .map(|property| property.name.clone())
        .collect();
    let keys: Vec<_> = model
        .properties
        .iter()
        .filter(|p| p.key.is_some())
        .map(|p| p.name.clone())
        .collect();
    let order = vec((select(names.clone()), any::<bool>()), 0..3);
    let fields = prop_oneof![2 => Just(Vec::new()), 1 => btree_set(select(names), 1..3).prop_map(|names| names.into_iter().collect())];
    let part = (proptest::option::of(0..6_u64), 0..4_u64);
    (filter(model), order, any::<bool>(), fields, part).prop_map(
        move |(filter, order, backwards, fields, (limit, offset))| {
            let mut order = order;
            let paged = limit.is_some() || offset > 0;
            // As the runtime does it: where it matters, the key comes last.
            if paged || !order.is_empty() {
                order.extend(keys.iter().map(|name| (name.clone(), backwards)));
            }
            let sort = |(property, descending)| SortKey {
                property,
                path: Vec::new(),
                descending,
            };
            let mut fields: Vec<String> = fields;
            if !fields.is_empty() {
                // With those that the runtime may need to filter and order by itself.
                fields.extend(order.iter().map(|(name, _)| name.clone()));
                if let Ok(filter) = tenon_model::Filter::from_nodes(&filter) {
                    fields.extend(filter.properties().into_iter().map(str::to_owned));
                }
                fields.extend(keys.iter().cloned());
                fields.sort();
                fields.dedup();
            }
            Query {
                filter,
                order: order.into_iter().map(sort).collect(),
                fields,
                limit,
                offset,
                hints: Vec::new(),
            }
        },
    )
}

fn step(model: &Model) -> impl Strategy<Value = Step> + use<> {
    prop_oneof![
        8 => record(model).prop_map(Step::Create),
        3 => vec(record(model), 0..6).prop_map(Step::CreateAll),
        2 => record(model).prop_map(Step::Save),
        2 => id(model).prop_map(Step::Find),
        2 => (id(model), properties()).prop_map(|(id, data)| Step::UpdateAttributes(id, data)),
        1 => (filter(model), properties()).prop_map(|(filter, data)| Step::Update(filter, data)),
        2 => id(model).prop_map(Step::Destroy),
        1 => filter(model).prop_map(Step::DestroyAll),
        2 => filter(model).prop_map(Step::Count),
        8 => query(model).prop_map(Step::All),
    ]
}
