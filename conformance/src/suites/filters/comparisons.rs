//! Each comparison by itself, on every kind of property, with every value and those beside it.

use tenon_model::contract::{Comparison, Filter, GeoPoint, PropertyType, Query, Value};
use tenon_runtime::Capability;

use super::patterns::{expressions, patterns};
use super::rich::{self, Asked, condition};
use crate::ask::Known;
use crate::bench::Bench;
use crate::facts::KINDS;
use crate::finding::{Checked, Stop};
use crate::generate::filters::comparisons;
use crate::reduce;
use crate::suites::Check;

/// Declares the checks of comparisons.
macro_rules! checks {
    ($($name:literal = $comparison:ident: $about:literal;)+) => {
        pub const CHECKS: &[Check] = &[$(
            Check {
                name: concat!("crud.filter.", $name),
                about: $about,
                needs: &[Capability::Crud],
                writes: true,
                run: |bench| compares(bench, Comparison::$comparison),
            },
        )+];
    };
}

checks! {
    "equal" = Equal: "`equal` holds for equal values, and null and absent equal null";
    "not-equal" = NotEqual: "`not-equal` holds exactly where `equal` doesn't, for null and absent too";
    "greater" = Greater: "`greater` holds for what is greater, and never with null";
    "greater-or-equal" = GreaterOrEqual: "`greater-or-equal` holds for what is greater or equal, and never with null";
    "less" = Less: "`less` holds for what is less, and never with null";
    "less-or-equal" = LessOrEqual: "`less-or-equal` holds for what is less or equal, and never with null";
    "between" = Between: "`between` includes both ends, and never holds with null or the wrong way round";
    "one-of" = OneOf: "`one-of` holds for what equals one of the operands; of none, nothing";
    "not-one-of" = NotOneOf: "`not-one-of` holds for what equals none of the operands; of none, everything";
    "contains" = Contains: "`contains` holds for an array with an equal element, and looks no deeper";
    "like" = Like: "`like` takes the whole text, with case: `%` any run, `_` one character, `\\` escapes";
    "not-like" = NotLike: "`not-like` holds for text that doesn't fit, and not for null";
    "ilike" = Ilike: "`ilike` folds case as Unicode's simple case folding does";
    "not-ilike" = NotIlike: "`not-ilike` holds for text that doesn't fit without regard to case, and not for null";
    "matches" = Matches: "`matches` finds a regular expression of RE2's anywhere in a text";
    "exists" = Exists: "`exists` tells an absent property from a null one";
    "near" = Near: "`near` takes points within its bounds, both included, nearest first";
}

fn compares(bench: &mut Bench<'_>, comparison: Comparison) -> Checked {
    let kinds: Vec<PropertyType> = KINDS
        .iter()
        .copied()
        .filter(|kind| bench.facts().keeps(*kind) && comparisons(*kind).contains(&comparison))
        .collect();
    let open = bench.facts().open;
    if kinds.is_empty() && !open {
        return Err(Stop::skipped("no kind that it is for is kept"));
    }
    let only_open = comparison == Comparison::Exists && !kinds.contains(&PropertyType::Json);
    if only_open && !open {
        return Err(Stop::skipped(
            "a strict model's properties are all there, and undeclared ones are not kept",
        ));
    }
    let (known, asked) = rich::stored(bench, &kinds, false)?;
    for asked in &asked {
        for (number, filter) in (0..).zip(filters(asked, comparison, 1)) {
            ask(bench, &known, &filter, number)?;
        }
    }
    if open {
        let (known, asked) = rich::stored(bench, &kinds, true)?;
        for asked in &asked {
            // What is declared was asked for with everything already.
            let step = if asked.name == crate::generate::records::UNDECLARED {
                1
            } else {
                5
            };
            for (number, filter) in (0..).zip(filters(asked, comparison, step)) {
                ask(bench, &known, &filter, number)?;
            }
        }
    }
    Ok(())
}

/// Asks for the matches and their number, and where something is wrong with the fewest records that show it.
fn ask(bench: &mut Bench<'_>, known: &Known, filter: &Filter, number: usize) -> Checked {
    let mut query = Query {
        filter: filter.clone(),
        ..Query::default()
    };
    // Whole records are long; every tenth is enough of them.
    if !number.is_multiple_of(10) {
        query.fields.push("id".to_owned());
    }
    let test = |session: &mut crate::session::Session<'_>, known: &Known| {
        known.ask(session, &query, crate::bench::PAGE)?;
        known.count(session, filter).map(drop)
    };
    let session = bench.session()?;
    match test(session, known) {
        Ok(()) => Ok(()),
        Err(stop) => Err(reduce::fewer(bench, known, stop, test)),
    }
}

/// Every filter of that comparison to be asked of a property; of the operands every so many.
pub fn filters(asked: &Asked, comparison: Comparison, step: usize) -> Vec<Filter> {
    use Comparison as C;
    let name = asked.name.as_str();
    let few: Vec<Value> = asked.operands.iter().step_by(step).cloned().collect();
    let of = |operands: Vec<Value>| condition(name, &[], comparison, operands);
    let each = |values: Vec<Value>| values.into_iter().map(|value| of(vec![value])).collect();
    let mut all: Vec<Filter> = match comparison {
        C::Between => ranges(few).into_iter().map(of).collect(),
        C::OneOf | C::NotOneOf => lists(few).into_iter().map(of).collect(),
        C::Exists => each(vec![Value::Boolean(true), Value::Boolean(false)]),
        C::Like | C::NotLike | C::Ilike | C::NotIlike => {
            let patterns = patterns(asked.kind, &asked.operands);
            each(
                patterns
                    .into_iter()
                    .step_by(step)
                    .map(Value::Text)
                    .collect(),
            )
        }
        C::Matches => each(
            expressions(asked.kind)
                .into_iter()
                .step_by(step)
                .map(Value::Text)
                .collect(),
        ),
        C::Contains => each(elements()),
        C::Near => nearby().into_iter().step_by(step).map(of).collect(),
        _ => each(few),
    };
    if matches!(asked.kind, PropertyType::Json) {
        all.extend(inside(name, comparison));
    }
    all
}

/// Ranges with every operand at an end: to the next, to itself, from the next, to and from null.
fn ranges(mut operands: Vec<Value>) -> Vec<Vec<Value>> {
    operands.sort_by(tenon_model::compare);
    let mut ranges = Vec::new();
    for pair in operands.windows(2) {
        if let [one, other] = pair {
            ranges.push(vec![one.clone(), other.clone()]);
            ranges.push(vec![other.clone(), one.clone()]);
            ranges.push(vec![other.clone(), other.clone()]);
            ranges.push(vec![other.clone(), Value::Null]);
        }
    }
    if let (Some(first), Some(last)) = (operands.get(1), operands.last()) {
        ranges.push(vec![first.clone(), last.clone()]);
        ranges.push(vec![last.clone(), first.clone()]);
        ranges.push(vec![Value::Null, Value::Null]);
    }
    ranges
}

/// Lists of operands: none, one, several, the same twice, with null, and all.
fn lists(operands: Vec<Value>) -> Vec<Vec<Value>> {
    let mut lists = vec![Vec::new(), vec![Value::Null], operands.clone()];
    lists.push(
        operands
            .iter()
            .filter(|it| !it.is_null())
            .cloned()
            .collect(),
    );
    for part in operands.chunks(3) {
        lists.push(part.to_vec());
        let mut with_null = part.to_vec();
        with_null.push(Value::Null);
        with_null.extend(part.iter().take(1).cloned());
        lists.push(with_null);
    }
    lists.extend(operands.into_iter().map(|one| vec![one]));
    lists
}

/// What arrays are asked for.
fn elements() -> Vec<Value> {
    let mut elements = vec![
        Value::Integer(1),
        Value::Integer(2),
        Value::Integer(4),
        Value::Float(2.0),
        Value::Float(1.5),
        Value::Decimal("3.0".into()),
        Value::Boolean(true),
        Value::Null,
        Value::Timestamp(1),
    ];
    elements.extend(["a", "A", "", "1", "n", "null"].map(Value::from));
    let documents = [
        "[]",
        "{}",
        "[1]",
        "[1,2,3]",
        r#"{"n":1}"#,
        r#"{"n":1.0}"#,
        r#"{"n":2}"#,
        r#"{"t":"b","n":2}"#,
        "[null]",
        "[[]]",
    ];
    elements.extend(documents.map(|text| Value::Json(text.into())));
    elements
}

/// Centres with bounds: none, one, both, the wrong way round, exact ones.
fn nearby() -> Vec<Vec<Value>> {
    let point = |latitude: f64, longitude: f64| {
        Value::Point(GeoPoint {
            latitude,
            longitude,
        })
    };
    let centres = [
        point(0.0, 0.0),
        point(52.5, 13.4),
        point(0.0, 180.0),
        point(90.0, 0.0),
        point(-33.9, 151.2),
        point(0.0, 0.5),
    ];
    // An arc of one degree is 111 195 metres, half the earth's girth 20 015 115.
    let distances = [
        0.0,
        1.0,
        55_597.0,
        111_195.1,
        111_195.0,
        1_000_000.0,
        10_007_558.0,
        20_015_200.0,
    ];
    let mut all = Vec::new();
    for centre in centres {
        all.push(vec![centre.clone(), Value::Null, Value::Null]);
        for distance in distances {
            let distance = Value::Float(distance);
            all.push(vec![centre.clone(), distance.clone(), Value::Null]);
            all.push(vec![centre.clone(), Value::Null, distance.clone()]);
            all.push(vec![centre.clone(), distance.clone(), distance.clone()]);
            all.push(vec![
                centre.clone(),
                distance.clone(),
                Value::Float(1_000_000.0),
            ]);
            all.push(vec![centre.clone(), Value::Float(1_000_000.0), distance]);
        }
    }
    all
}

/// Conditions on what is inside of JSON: members, elements, members of elements, what isn't there.
fn inside(name: &str, comparison: Comparison) -> Vec<Filter> {
    use Comparison as C;
    const PATHS: &[&[&str]] = &[
        &["n"],
        &["t"],
        &["o"],
        &["o", "n"],
        &["list"],
        &["list", "n"],
        &["list", "1"],
        &["0"],
        &["2"],
        &["01"],
        &["+1"],
        &["-1"],
        &["list", "00"],
        &["0", "n"],
        &["missing"],
        &["n", "deeper"],
        &["a.b"],
        &["a", "b"],
        &[""],
        &["at"],
        &["price"],
        &["N"],
    ];
    let scalars = || {
        let mut scalars = vec![
            Value::Null,
            Value::Integer(1),
            Value::Integer(2),
            Value::Integer(3),
            Value::Float(1.0),
            Value::Float(2.5),
            Value::Integer(5),
            Value::Integer(0),
            Value::Boolean(true),
            Value::Decimal("1.5".into()),
            Value::Timestamp(1_704_164_645_678_901),
            Value::Integer(9_007_199_254_740_993),
        ];
        scalars.extend(["a", "b", "A", "", "1"].map(Value::from));
        scalars
    };
    let operands: Vec<Vec<Value>> = match comparison {
        C::Between => vec![
            vec![Value::Integer(1), Value::Integer(2)],
            vec![Value::Integer(2), Value::Integer(1)],
            vec![Value::Float(1.5), Value::Integer(5)],
            vec![Value::from("a"), Value::from("b")],
            vec![Value::Null, Value::Integer(9)],
        ],
        C::OneOf | C::NotOneOf => vec![
            Vec::new(),
            vec![Value::Null],
            vec![Value::Integer(1), Value::from("a")],
            vec![Value::Integer(5), Value::Null, Value::Integer(5)],
            scalars(),
        ],
        C::Exists => vec![vec![Value::Boolean(true)], vec![Value::Boolean(false)]],
        C::Like | C::NotLike | C::Ilike | C::NotIlike => ["a", "A", "%", "_", "b%", ""]
            .map(|it| vec![Value::from(it)])
            .to_vec(),
        C::Matches => ["a", "^b$", "(?i)A", ""]
            .map(|it| vec![Value::from(it)])
            .to_vec(),
        C::Contains => elements().into_iter().map(|it| vec![it]).collect(),
        C::Near => return Vec::new(),
        C::Equal | C::NotEqual => {
            let documents = ["[]", "{}", r#"{"n":1}"#, r#"[1,"a",null]"#, r#"{"n":3.0}"#];
            let documents = documents.map(|text| Value::Json(text.into()));
            scalars()
                .into_iter()
                .chain(documents)
                .map(|it| vec![it])
                .collect()
        }
        _ => scalars().into_iter().map(|it| vec![it]).collect(),
    };
    PATHS
        .iter()
        .flat_map(|path| {
            let operands = operands.clone().into_iter();
            operands.map(|operands| condition(name, path, comparison, operands))
        })
        .collect()
}
