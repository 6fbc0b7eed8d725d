//! Whether a connector does exactly what it says that it has done: invented records, filters, orders and parts of them,
//! against the meaning that `tenon-model` has.
//!
//! A driver's tests run it on a real server, since the statements are only as exact as the server takes them.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a check that fails says so as an assertion does"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::{
    Comparison, Condition, Extension, Filter, Matcher, MatcherError, Model, Property, Query,
    RowOrder,
};
use tenon_sdk::testing::read_all;
use tenon_sdk::{Crud, Done, Entity, ErrorKind, GeoPoint, Key, PropertyType, SortKey, Value};

/// What a backend can't keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Texts have no character U+0000.
    pub no_nul: bool,
    /// Times are of the years from 1000 to 9999.
    pub narrow_times: bool,
}

/// Records and what is asked of them.
#[derive(Clone, Debug)]
pub struct Case {
    records: Vec<Entity>,
    queries: Vec<Query>,
}

/// Invented records and queries of the [`model`].
pub fn case(bounds: Bounds) -> impl Strategy<Value = Case> {
    let records = vec(record(bounds), 1..12);
    let queries = vec(query(), 1..12);
    (records, queries).prop_map(|(records, queries)| Case { records, queries })
}

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

/// The model of the cases, called `Thing`: a property of each kind, and a table with an odd name.
pub fn model() -> Model {
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
            "{\"a\":\"x\"}",
            "{\"a\":null}",
            "{\"a\":[{\"b\":2},{}]}",
            "{\"a\":[[{\"b\":\"x\"}],{\"b\":[\"x\",2]}]}",
            "{\"a\":[[[{\"b\":true}]]],\"b\":\"a%\"}",
            "{\"a\":{\"b\":{\"$decimal\":\"2.0\"}}}",
            "{\"a\":{\"b\":{\"$decimal\":\"2.0\",\"c\":1}}}",
            "[{\"a\":0.1},[{\"a\":9007199254740993}]]",
            "[true,\"x\",2,{\"$decimal\":\"2.00\"},[\"a\"],null]",
            "[1e300,-1,\"a%\"]",
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
    if matches!(kind, PropertyType::Json | PropertyType::Any) {
        // What is inside of it may be anything.
        let scalar = prop_oneof![
            select(vec!["x", "a", "a%"]).prop_map(Value::from),
            (-1..3_i64).prop_map(Value::Integer),
            select(vec![0.1, 2.0, 0.0, 1e300]).prop_map(Value::Float),
            any::<bool>().prop_map(Value::Boolean),
        ];
        return prop_oneof![1 => Just(Value::Null), 12 => scalar, 2 => value(kind), 1 => other]
            .boxed();
    }
    prop_oneof![1 => Just(Value::Null), 12 => value(kind), 2 => other].boxed()
}

fn record(bounds: Bounds) -> impl Strategy<Value = Entity> {
    let values: Vec<_> = PROPERTIES
        .iter()
        .map(|(_, kind)| prop_oneof![1 => Just(Value::Null), 4 => value(*kind)].boxed())
        .collect();
    values.prop_map(move |values| {
        let names = PROPERTIES.iter().map(|(name, _)| (*name).to_owned());
        let values = values.into_iter().map(|value| {
            if bounds.keeps(&value) {
                value
            } else {
                Value::Null
            }
        });
        names.zip(values).collect()
    })
}

impl Bounds {
    fn keeps(self, value: &Value) -> bool {
        match value {
            Value::Text(text) | Value::Json(text) => {
                let has_nul = self.no_nul && text.contains('\0');
                let is_early = self.narrow_times && text.starts_with("0001-");
                !has_nul && !is_early
            }
            Value::Timestamp(micros) => !self.narrow_times || micros.unsigned_abs() < 1_000_000_000,
            _ => true,
        }
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let properties: Vec<_> = PROPERTIES
        .into_iter()
        .chain([("id", PropertyType::Integer)])
        .collect();
    let path = prop_oneof![2 => Just(""), 2 => Just("a"), 2 => Just("a.b"), 1 => Just("a.0.b"), 1 => Just("1")];
    let path = path.prop_map(|path| {
        path.split_terminator('.')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
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

fn query() -> impl Strategy<Value = Query> {
    let names: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
    let order = vec((select(names), any::<bool>()), 0..3);
    (filter(), order, proptest::option::of(0..6_u64), 0..3_u64).prop_map(
        |(filter, order, limit, offset)| {
            let sort = |(property, descending): (&str, bool)| SortKey {
                property: property.to_owned(),
                path: Vec::new(),
                descending,
            };
            let mut query = Query::filter(filter);
            query.order = order.into_iter().map(sort).collect();
            query.limit = limit;
            query.offset = offset;
            query.with_total_order(&model())
        },
    )
}

/// Whether a filter holds is asked here; none where nobody here knows it.
fn judge(filter: &Filter) -> Option<Matcher> {
    match Matcher::new(filter) {
        Ok(matcher) => Some(matcher),
        Err(MatcherError::Unsupported(_)) => None,
        Err(MatcherError::Invalid(reason)) => panic!("{reason}"),
    }
}

fn ids(rows: &[Entity]) -> Vec<Option<&Value>> {
    rows.iter().map(|row| row.get("id")).collect()
}

/// How many queries a connector has done wholly, and in part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Their filter is done.
    pub filtered: usize,
    /// Their order is done.
    pub ordered: usize,
    /// All queries.
    pub queries: usize,
}

/// Stores a case's records with a connector that has the [`model`] and no records, and asks its queries.
///
/// # Panics
/// Where it says that it has done what it hasn't, or leaves a record out.
pub fn is_exact(connector: &mut impl Crud, case: &Case) -> Tally {
    let all = store(connector, &case.records);
    let mut tally = Tally::default();
    for query in &case.queries {
        let done = answers(connector, "Thing", &all, query);
        tally.queries += 1;
        tally.filtered += usize::from(done.contains(Done::FILTER));
        tally.ordered += usize::from(done.contains(Done::ORDER));
    }
    tally
}

/// Asks a query of a model with a property `id`, all of whose records are these. What was done of it.
///
/// # Panics
/// Where the connector says that it has done what it hasn't, or leaves a record out.
pub fn answers(connector: &mut impl Crud, model: &str, all: &[Entity], query: &Query) -> Done {
    let mut answer = connector.all(model, query.to_contract()).unwrap();
    let rows = read_all(&mut answer.rows, 3).unwrap();
    let done = answer.done;
    let shown = || format!("{query:#?}\ndone: {done:?}\n{rows:#?}");
    let Some(matcher) = judge(&query.filter) else {
        assert!(!done.contains(Done::FILTER), "{}", shown());
        return done;
    };
    let matches = all.iter().filter(|row| matcher.matches(row));
    let mut wanted: Vec<Entity> = matches.cloned().collect();
    let order = RowOrder::new(query);
    wanted.sort_by(|left, right| order.compare(left, right));
    if done.contains(Done::ORDER) && !query.order.is_empty() {
        let in_order = rows.is_sorted_by(|left, right| order.compare(left, right).is_le());
        assert!(in_order, "not in order: {}", shown());
    }
    if done.contains(Done::PAGING) {
        let both = Done::FILTER | Done::ORDER;
        assert!(done.contains(both), "paged too early: {}", shown());
        if !order.is_empty() {
            assert_eq!(ids(&rows), ids(part(&wanted, query)), "{}", shown());
            return done;
        }
    }
    if !done.contains(Done::PAGING) || (query.limit.is_none() && query.offset == 0) {
        let found = rows.iter().filter(|row| matcher.matches(row)).count();
        assert_eq!(found, wanted.len(), "lost a record: {}", shown());
        if done.contains(Done::FILTER) {
            assert_eq!(rows.len(), wanted.len(), "not filtered: {}", shown());
        }
    }
    match connector.count(model, query.filter.to_nodes()) {
        Ok(count) => assert_eq!(count, wanted.len() as u64, "{}", shown()),
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
            assert!(!done.contains(Done::FILTER), "{}", shown());
        }
    }
    done
}

/// The records as they are handed out again.
fn store(connector: &mut impl Crud, records: &[Entity]) -> Vec<Entity> {
    (0_i64..)
        .zip(records)
        .map(|(id, record)| {
            let record = record.clone().with("id", id);
            connector.create("Thing", record.clone()).unwrap();
            let found = connector.find("Thing", Key::from(id)).unwrap().unwrap();
            for (name, value) in record.iter() {
                let kept = found.get(name).unwrap();
                assert!(
                    tenon_model::equal(kept, value),
                    "`{name}` was {value:?} and is {kept:?}"
                );
            }
            found
        })
        .collect()
}

/// The part of the records that a query wants.
fn part<'a>(wanted: &'a [Entity], query: &Query) -> &'a [Entity] {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let from = size(query.offset).min(wanted.len());
    let to = from.saturating_add(query.limit.map_or(usize::MAX, size));
    wanted.get(from..to.min(wanted.len())).unwrap_or_default()
}
