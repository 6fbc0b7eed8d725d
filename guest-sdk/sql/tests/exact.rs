//! What is claimed to be done is exact, on a real SQLite: invented records, filters, orders and parts of them, against
//! the meaning that `tenon-model` has.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use support::connector;
use tenon_model::{
    Comparison, Condition, Extension, Filter, Matcher, MatcherError, Model, Property, RowOrder,
};
use tenon_sdk::testing::read_all;
use tenon_sdk::{Crud, Done, Entity, ErrorKind, GeoPoint, Key, PropertyType, SortKey, Value};

/// Names and texts that would do harm if they became part of a statement.
const HOSTILE: [&str; 12] = [
    "",
    "a",
    "A",
    "'; DROP TABLE \"odd \"\"things\"\"\"; --",
    "\"",
    "a%",
    "a_b",
    "a\\b",
    "a|b",
    "?1 $1 :a @b",
    "Größe\u{0}\u{10FFFF}",
    "1.0",
];

const PROPERTIES: [(&str, PropertyType); 12] = [
    ("number", PropertyType::Integer),
    ("text' OR 1=1 --", PropertyType::Text),
    ("float\"", PropertyType::Float),
    ("flag", PropertyType::Boolean),
    ("moment", PropertyType::Timestamp),
    ("exact", PropertyType::Decimal),
    ("day", PropertyType::Date),
    ("uuid", PropertyType::Uuid),
    ("bytes", PropertyType::Bytes),
    ("place", PropertyType::Point),
    ("json", PropertyType::Json),
    ("any", PropertyType::Any),
];

fn model() -> Model {
    let mut model = Model::new("Thing").key("id", PropertyType::Integer);
    model.collection = Some("\"odd \"\"things\"\"\"".to_owned());
    for (name, kind) in PROPERTIES {
        model = model.property(Property::new(name, kind));
    }
    model
}

fn value(kind: PropertyType) -> BoxedStrategy<Value> {
    let texts = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        select(texts).prop_map(Value::Text).boxed()
    };
    match kind {
        PropertyType::Integer => prop_oneof![
            -3..4_i64,
            Just(i64::MAX),
            Just(i64::MIN),
            Just(9_007_199_254_740_993)
        ]
        .prop_map(Value::Integer)
        .boxed(),
        PropertyType::Float => select(vec![
            -1.5,
            -0.0,
            0.0,
            2.0,
            0.1,
            1e300,
            f64::MAX,
            9_007_199_254_740_992.0,
        ])
        .prop_map(Value::Float)
        .boxed(),
        PropertyType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        PropertyType::Timestamp => prop_oneof![-2..3_i64, Just(i64::MAX), Just(i64::MIN)]
            .prop_map(Value::Timestamp)
            .boxed(),
        PropertyType::Decimal => select(vec![
            "-1.5",
            "0",
            "1.0",
            "1.00",
            "12345678901234567890.5",
            "0.1",
            "-0.0",
        ])
        .prop_map(|text| Value::Decimal(text.into()))
        .boxed(),
        PropertyType::Text => texts(&HOSTILE),
        PropertyType::Date => texts(&["2024-02-29", "1999-12-31", "0001-01-01"]),
        PropertyType::Time => texts(&["10:00:00", "10:00:00.5", "23:59:59"]),
        PropertyType::Uuid => texts(&[
            "936da01f-9abd-4d9d-80c7-02af85c822a8",
            "00000000-0000-0000-0000-000000000000",
        ]),
        PropertyType::Bytes => select(vec![vec![], vec![0], vec![0, 1], vec![255]])
            .prop_map(Value::Bytes)
            .boxed(),
        PropertyType::Point => (
            select(vec![-90.0, 0.0, 52.5, 89.9]),
            select(vec![-180.0, 0.0, 13.4, 179.9]),
        )
            .prop_map(|(latitude, longitude)| {
                Value::Point(GeoPoint {
                    latitude,
                    longitude,
                })
            })
            .boxed(),
        PropertyType::Json => select(vec![
            "[]",
            "[1,\"a\"]",
            "{\"a\":1}",
            "{\"a\":[{\"b\":2},{}]}",
        ])
        .prop_map(|text| Value::Json(text.to_owned()))
        .boxed(),
        PropertyType::Any => select(vec![
            PropertyType::Integer,
            PropertyType::Text,
            PropertyType::Json,
            PropertyType::Timestamp,
        ])
        .prop_flat_map(value)
        .boxed(),
    }
}

/// Mostly of the kind, sometimes null, and sometimes of another kind, which nothing here asks for.
fn operand(kind: PropertyType) -> BoxedStrategy<Value> {
    let other = select(PropertyType::ALL.to_vec()).prop_flat_map(value);
    prop_oneof![1 => Just(Value::Null), 12 => value(kind), 2 => other].boxed()
}

fn record() -> impl Strategy<Value = Entity> {
    let values: Vec<_> = PROPERTIES
        .iter()
        .map(|(_, kind)| prop_oneof![1 => Just(Value::Null), 4 => value(*kind)].boxed())
        .collect();
    values.prop_map(|values| {
        let names = PROPERTIES.iter().map(|(name, _)| (*name).to_owned());
        names.zip(values).collect()
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let properties: Vec<_> = PROPERTIES
        .into_iter()
        .chain([("id", PropertyType::Integer)])
        .collect();
    let path = prop_oneof![6 => Just(Vec::new()), 1 => Just(vec!["a".to_owned()]), 1 => Just(vec!["a".to_owned(), "b".to_owned()])];
    (select(properties), path).prop_flat_map(|((property, kind), path)| {
        let path = if matches!(kind, PropertyType::Json | PropertyType::Any) { path } else { Vec::new() };
        let pattern = prop_oneof![
            select(vec!["a%", "%", "_", "a\\%", "a\\_b", "%\\\\%", "a|b", "%|%", "A", "%'%", "gr%\u{10FFFF}"])
                .prop_map(Value::from),
            select(HOSTILE.to_vec()).prop_map(|text| Value::Text(text.replace('\\', "\\\\"))),
        ];
        let one = select(vec![
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Contains,
        ]);
        let several = select(vec![Comparison::OneOf, Comparison::NotOneOf]);
        let like = select(vec![
            Comparison::Like,
            Comparison::NotLike,
            Comparison::Ilike,
            Comparison::NotIlike,
            Comparison::Matches,
        ]);
        let near = (value(PropertyType::Point), proptest::option::of(0.0..2e7));
        let asked = prop_oneof![
            5 => (one, operand(kind)).prop_map(|(comparison, operand)| (comparison, vec![operand])),
            1 => (operand(kind), operand(kind)).prop_map(|(least, most)| (Comparison::Between, vec![least, most])),
            2 => (several, vec(operand(kind), 0..5)),
            3 => (like, pattern).prop_map(|(comparison, pattern)| {
                let pattern = match (comparison, pattern) {
                    (Comparison::Matches, _) => Value::from("(?i)^[a-g]"),
                    (_, pattern) => pattern,
                };
                (comparison, vec![pattern])
            }),
            1 => near.prop_map(|(point, metres)| (Comparison::Near, vec![point, metres.into(), Value::Null])),
        ];
        asked.prop_map(move |(comparison, operands)| Condition {
            property: property.to_owned(),
            path: path.clone(),
            comparison,
            operands,
        })
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let extension = Just(Filter::Extension(Extension {
        name: "'; DROP TABLE x; --".to_owned(),
        property: "number".to_owned(),
        path: Vec::new(),
        operands: Vec::new(),
    }));
    let leaf = prop_oneof![30 => condition().prop_map(Filter::Condition), 1 => extension];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(Filter::AllOf),
            2 => vec(inner.clone(), 0..4).prop_map(Filter::AnyOf),
            2 => vec(inner, 0..4).prop_map(Filter::NoneOf),
        ]
    })
}

fn query() -> impl Strategy<Value = tenon_model::Query> {
    let names: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
    let order = vec((select(names), any::<bool>()), 0..3);
    (filter(), order, proptest::option::of(0..6_u64), 0..3_u64).prop_map(
        |(filter, order, limit, offset)| {
            let sort = |(property, descending): (&str, bool)| SortKey {
                property: property.to_owned(),
                path: Vec::new(),
                descending,
            };
            let mut query = tenon_model::Query::filter(filter);
            query.order = order.into_iter().map(sort).collect();
            query.limit = limit;
            query.offset = offset;
            query.with_total_order(&model())
        },
    )
}

/// A filter without what nobody here knows, to judge the rest by.
fn judge(filter: &Filter) -> Option<Matcher> {
    match Matcher::new(filter) {
        Ok(matcher) => Some(matcher),
        Err(MatcherError::Unsupported(_)) => None,
        Err(MatcherError::Invalid(reason)) => panic!("{reason}"),
    }
}

fn ids(rows: &[Entity]) -> Vec<Value> {
    rows.iter()
        .map(|row| row.get("id").unwrap().clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_done_is_exact_and_nothing_is_lost(
        records in vec(record(), 1..12),
        queries in vec(query(), 1..12),
    ) {
        let (mut sql, log) = connector(&model().to_contract());
        let mut all = Vec::new();
        for (id, record) in (0_i64..).zip(records) {
            let record = record.with("id", id);
            sql.create("Thing", record.clone()).unwrap();
            let found = sql.find("Thing", Key::from(id)).unwrap().unwrap();
            prop_assert_eq!(found.get("json"), record.get("json"));
            all.push(found);
        }
        for query in queries {
            log.borrow_mut().clear();
            let mut answer = sql.all("Thing", query.to_contract()).unwrap();
            let rows = read_all(&mut answer.rows, 3).unwrap();
            let shown = || format!("{query:#?}\n{:#?}\n{rows:#?}", log.borrow());
            let Some(matcher) = judge(&query.filter) else {
                prop_assert!(!answer.done.contains(Done::FILTER), "{}", shown());
                continue;
            };
            let mut wanted: Vec<Entity> = all.iter().filter(|row| matcher.matches(row)).cloned().collect();
            let order = RowOrder::new(&query);
            wanted.sort_by(|left, right| order.compare(left, right));
            if answer.done.contains(Done::ORDER) && !query.order.is_empty() {
                prop_assert!(rows.is_sorted_by(|left, right| order.compare(left, right).is_le()), "{}", shown());
            }
            if answer.done.contains(Done::PAGING) {
                prop_assert!(answer.done.contains(Done::FILTER | Done::ORDER), "{}", shown());
                if order.is_empty() {
                    continue;
                }
                let skip = usize::try_from(query.offset).unwrap();
                let take = query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
                let wanted: Vec<Entity> = wanted.into_iter().skip(skip).take(take).collect();
                prop_assert_eq!(ids(&rows), ids(&wanted), "{}", shown());
                continue;
            }
            let is_match = |row: &&Entity| matcher.matches(row);
            prop_assert_eq!(rows.iter().filter(is_match).count(), wanted.len(), "{}", shown());
            if answer.done.contains(Done::FILTER) {
                prop_assert_eq!(rows.len(), wanted.len(), "{}", shown());
            }
            match sql.count("Thing", query.filter.to_nodes()) {
                Ok(count) => prop_assert_eq!(count, wanted.len() as u64, "{}", shown()),
                Err(error) => {
                    prop_assert_eq!(error.kind, ErrorKind::Unsupported);
                    prop_assert!(!answer.done.contains(Done::FILTER), "{}", shown());
                }
            }
        }
    }
}
