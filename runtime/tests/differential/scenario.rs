//! Invented models, their records, and what is asked of them.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use tenon_model::{
    AggregateFunction, Aggregation, Comparison, Condition, Entity, Filter, Model, Property,
    PropertyType, Query, SortKey, Value, contract,
};

use super::values::{KEY_KINDS, KEY_LENGTH, PRECISION, SCALE, json_scalar, point, value};

/// A model, its records, and what is asked of them.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub model: Model,
    pub records: Vec<Entity>,
    pub asked: Vec<Asked>,
    /// What changes the records in the end.
    pub changes: Vec<Change>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Asked {
    Find(Query),
    Count(Filter),
    Aggregate(Aggregation),
}

/// What is done to all records of a filter.
#[derive(Clone, Debug)]
pub enum Change {
    Update(Filter, Entity),
    Destroy(Filter),
}

/// Properties outside the key: names that need quoting, words of SQL, and the kinds.
const PROPERTIES: [(&str, PropertyType); 14] = [
    ("number", PropertyType::Integer),
    ("order", PropertyType::Text),
    ("it's", PropertyType::Text),
    ("per%cent ?", PropertyType::Integer),
    ("Float", PropertyType::Float),
    ("exact", PropertyType::Decimal),
    ("flag", PropertyType::Boolean),
    ("mo\"ment", PropertyType::Timestamp),
    ("day", PropertyType::Date),
    ("time", PropertyType::Time),
    ("by`tes", PropertyType::Bytes),
    ("uuid", PropertyType::Uuid),
    ("jötunn", PropertyType::Json),
    ("point", PropertyType::Point),
];

/// A model of up to two key properties and some others, and what is done with it.
pub fn scenario() -> impl Strategy<Value = Scenario> {
    model().prop_flat_map(|model| {
        let records = vec(record(&model), 0..24);
        let asked = vec(asked(&model), 1..24);
        let changes = vec(change(&model), 0..3);
        (Just(model), records, asked, changes).prop_map(|(model, records, asked, changes)| {
            let records = distinct(&model, records);
            Scenario {
                model,
                records,
                asked,
                changes,
            }
        })
    })
}

fn model() -> impl Strategy<Value = Model> {
    let key = vec(select(KEY_KINDS.to_vec()), 1..=2);
    let properties = subsequence(PROPERTIES.to_vec(), 1..=6);
    (key, properties, any::<bool>()).prop_map(|(key, properties, indexed)| {
        let mut model = Model::new("Thing");
        for (place, kind) in key.into_iter().enumerate() {
            model = model.key(format!("key {place}"), kind);
        }
        for property in &mut model.properties {
            property.length = (property.kind == PropertyType::Text).then_some(KEY_LENGTH);
        }
        let mut index = None;
        for (name, kind) in properties {
            let mut property = Property::new(name, kind);
            if kind == PropertyType::Decimal {
                property.length = Some(PRECISION);
                property.scale = Some(SCALE);
            }
            if kind == PropertyType::Text && indexed {
                property.length = Some(KEY_LENGTH);
            }
            let can_be = !matches!(
                kind,
                PropertyType::Json | PropertyType::Point | PropertyType::Bytes
            );
            if can_be && indexed {
                index = Some(name);
            }
            model = model.property(property);
        }
        match index {
            Some(name) => model.index(&[name], false),
            None => model,
        }
    })
}

/// A record with all of the key, and some of the rest.
fn record(model: &Model) -> BoxedStrategy<Entity> {
    let values: Vec<_> = model
        .properties
        .iter()
        .map(|property| {
            let (name, kind) = (property.name.clone(), property.kind);
            let value = if property.key.is_some() {
                value(kind).prop_map(Some).boxed()
            } else {
                prop_oneof![
                    1 => Just(None),
                    1 => Just(Some(Value::Null)),
                    5 => value(kind).prop_map(Some),
                ]
                .boxed()
            };
            value.prop_map(move |value| (name.clone(), value))
        })
        .collect();
    values
        .prop_map(|pairs| {
            let there = pairs
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            there.collect()
        })
        .boxed()
}

/// The records with each key once.
fn distinct(model: &Model, records: Vec<Entity>) -> Vec<Entity> {
    let key = |record: &Entity| {
        let parts = model.key_properties();
        let values: Vec<_> = parts
            .iter()
            .map(|part| format!("{:?}", record.get(&part.name)))
            .collect();
        values.join("/")
    };
    let records: BTreeMap<String, Entity> = records
        .into_iter()
        .map(|record| (key(&record), record))
        .collect();
    records.into_values().collect()
}

fn asked(model: &Model) -> BoxedStrategy<Asked> {
    prop_oneof![
        6 => query(model).prop_map(Asked::Find),
        1 => filter(model).prop_map(Asked::Count),
        2 => aggregation(model).prop_map(Asked::Aggregate),
    ]
    .boxed()
}

fn query(model: &Model) -> BoxedStrategy<Query> {
    let names: Vec<String> = model
        .properties
        .iter()
        .map(|property| property.name.clone())
        .collect();
    let fields = prop_oneof![
        2 => Just(Vec::new()),
        1 => subsequence(names, 1..=model.properties.len()),
    ];
    let limit = prop_oneof![1 => Just(None), 1 => (0..8_u64).prop_map(Some)];
    let offset = prop_oneof![2 => Just(0), 1 => 0..5_u64];
    (
        filter(model),
        vec(sort_key(model), 0..3),
        fields,
        limit,
        offset,
    )
        .prop_map(|(filter, order, fields, limit, offset)| Query {
            filter,
            order,
            fields,
            limit,
            offset,
            ..Query::default()
        })
        .boxed()
}

fn sort_key(model: &Model) -> BoxedStrategy<SortKey> {
    (select(model.properties.clone()), path(), any::<bool>())
        .prop_map(|(property, path, descending)| SortKey {
            path: if property.kind == PropertyType::Json {
                path
            } else {
                Vec::new()
            },
            property: property.name,
            descending,
        })
        .boxed()
}

fn path() -> impl Strategy<Value = Vec<String>> {
    vec(
        select(vec!["a", "b", "0", "1", "c d"]).prop_map(str::to_owned),
        0..3,
    )
}

fn filter(model: &Model) -> BoxedStrategy<Filter> {
    let leaf = condition(model).prop_map(Filter::Condition);
    let tree = leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..3).prop_map(Filter::AllOf),
            2 => vec(inner.clone(), 0..3).prop_map(Filter::AnyOf),
            1 => vec(inner, 0..3).prop_map(Filter::NoneOf),
        ]
    });
    prop_oneof![1 => Just(Filter::all()), 6 => tree].boxed()
}

fn condition(model: &Model) -> BoxedStrategy<Condition> {
    select(model.properties.clone())
        .prop_flat_map(|property| {
            let in_json = path().prop_flat_map(|path| {
                let compared = if path.is_empty() {
                    compared(PropertyType::Json)
                } else {
                    compared_in_json()
                };
                (Just(path), compared)
            });
            let compared = if property.kind == PropertyType::Json {
                in_json.boxed()
            } else {
                (Just(Vec::new()), compared(property.kind)).boxed()
            };
            (Just(property.name), compared)
        })
        .prop_map(|(property, (path, (comparison, operands)))| Condition {
            property,
            path,
            comparison,
            operands,
        })
        .boxed()
}

type Compared = BoxedStrategy<(Comparison, Vec<Value>)>;

/// A comparison that the kind allows, with operands of it.
fn compared(kind: PropertyType) -> Compared {
    use Comparison as C;
    use PropertyType as P;
    let operand = prop_oneof![8 => value(kind), 1 => Just(Value::Null)].boxed();
    let mut comparisons = vec![C::Equal, C::NotEqual, C::OneOf, C::NotOneOf, C::Exists];
    match kind {
        P::Json => comparisons.push(C::Contains),
        P::Point => comparisons.push(C::Near),
        P::Text | P::Date | P::Time | P::Uuid => {
            comparisons.extend(ORDERED);
            comparisons.extend([C::Like, C::NotLike, C::Ilike, C::NotIlike, C::Matches]);
        }
        _ => comparisons.extend(ORDERED),
    }
    select(comparisons)
        .prop_flat_map(move |comparison| (Just(comparison), operands(comparison, operand.clone())))
        .boxed()
}

const ORDERED: [Comparison; 5] = [
    Comparison::Greater,
    Comparison::GreaterOrEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Between,
];

/// A comparison of what a path leads to: of any kind.
fn compared_in_json() -> Compared {
    use Comparison as C;
    let operand = json_scalar().prop_map(|json| match json {
        serde_json::Value::Bool(bool) => Value::Boolean(bool),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        _ => Value::Null,
    });
    let operand = operand.boxed();
    let mut comparisons = vec![C::Equal, C::NotEqual, C::OneOf, C::NotOneOf, C::Exists];
    comparisons.extend(ORDERED);
    comparisons.extend([C::Contains, C::Like, C::NotLike]);
    select(comparisons)
        .prop_flat_map(move |comparison| (Just(comparison), operands(comparison, operand.clone())))
        .boxed()
}

fn operands(comparison: Comparison, operand: BoxedStrategy<Value>) -> BoxedStrategy<Vec<Value>> {
    use Comparison as C;
    let one = |operand: BoxedStrategy<Value>| operand.prop_map(|operand| vec![operand]).boxed();
    match comparison {
        C::Between => vec(operand, 2).boxed(),
        C::OneOf | C::NotOneOf => vec(operand, 0..4).boxed(),
        C::Exists => one(any::<bool>().prop_map(Value::Boolean).boxed()),
        C::Like | C::NotLike | C::Ilike | C::NotIlike => {
            let part = select(vec![
                "%", "_", "a", "A", "b", "ä", "Á", "ß", "ı", " ", "\\%", "\\_", "\\\\", "'", "🦀",
                "-", "0", ":",
            ]);
            one(vec(part, 0..4)
                .prop_map(|parts| Value::Text(parts.concat()))
                .boxed())
        }
        C::Matches => one(select(vec![
            "^a", "b$", "^$", "[a-z]", "(?i)^á", "\\d", "^.$", "a|B",
        ])
        .prop_map(Value::from)
        .boxed()),
        C::Near => {
            let bound = |metres: [f64; 2]| {
                let metres = select(metres.to_vec()).prop_map(Some);
                prop_oneof![Just(None), metres].prop_map(Value::from)
            };
            (point(), bound([1.5e5, 9.0e6]), bound([1.0e5, 3.1e6]))
                .prop_map(|(point, most, least)| vec![Value::Point(point), most, least])
                .boxed()
        }
        _ => one(operand),
    }
}

fn aggregation(model: &Model) -> BoxedStrategy<Aggregation> {
    use PropertyType as P;
    let groupable: Vec<String> = model
        .properties
        .iter()
        .filter(|property| !matches!(property.kind, P::Json | P::Point))
        .map(|property| property.name.clone())
        .collect();
    let most = groupable.len().min(2);
    let group_by = subsequence(groupable, 0..=most);
    let aggregates = vec(aggregate(model), 0..4);
    let limit = prop_oneof![2 => Just(None), 1 => (0..5_u64).prop_map(Some)];
    (filter(model), group_by, aggregates, any::<bool>(), limit)
        .prop_map(|(filter, group_by, aggregates, descending, limit)| {
            let mut aggregation = Aggregation::new().filter(filter);
            aggregation.order = group_by
                .first()
                .map(|property| SortKey {
                    property: property.clone(),
                    path: Vec::new(),
                    descending,
                })
                .into_iter()
                .collect();
            aggregation.group_by = group_by;
            aggregation.aggregates = aggregates;
            for (index, aggregate) in aggregation.aggregates.iter_mut().enumerate() {
                aggregate.name = format!("result {index}");
            }
            if aggregation.group_by.is_empty() && aggregation.aggregates.is_empty() {
                aggregation = aggregation.count("result 0");
            }
            aggregation.limit = limit;
            aggregation
        })
        .boxed()
}

fn aggregate(model: &Model) -> BoxedStrategy<contract::Aggregate> {
    use AggregateFunction as F;
    use PropertyType as P;
    select(model.properties.clone())
        .prop_flat_map(|property| {
            let functions = match property.kind {
                P::Integer | P::Decimal | P::Float => {
                    vec![F::Count, F::Sum, F::Average, F::Minimum, F::Maximum]
                }
                P::Json | P::Point => vec![F::Count],
                _ => vec![F::Count, F::Minimum, F::Maximum],
            };
            let kind = property.kind;
            (
                Just(property),
                select(functions),
                any::<bool>(),
                any::<bool>(),
            )
                .prop_map(move |(property, function, distinct, all)| {
                    let counts_all = function == F::Count && all;
                    let can_differ = !matches!(kind, P::Json | P::Point);
                    contract::Aggregate {
                        name: String::new(),
                        function,
                        property: (!counts_all).then_some(property.name),
                        path: Vec::new(),
                        distinct: distinct
                            && !counts_all
                            && can_differ
                            && matches!(function, F::Count | F::Sum | F::Average),
                    }
                })
        })
        .boxed()
}

fn change(model: &Model) -> BoxedStrategy<Change> {
    let properties: Vec<Property> = model
        .properties
        .iter()
        .filter(|property| property.key.is_none())
        .cloned()
        .collect();
    let set = select(properties).prop_flat_map(|property| {
        let value = prop_oneof![1 => Just(Value::Null), 4 => value(property.kind)];
        value.prop_map(move |value| Entity::new().with(property.name.clone(), value))
    });
    prop_oneof![
        2 => (filter(model), set).prop_map(|(filter, set)| Change::Update(filter, set)),
        1 => filter(model).prop_map(Change::Destroy),
    ]
    .boxed()
}
