//! Several conditions on one property, conditions on the key, and very many of them.

use super::nodes::{ask, integer, is};
use super::rich::{self};
use crate::bench::Bench;
use crate::finding::Checked;
use crate::suites::Check;
use tenon_model::Filter;
use tenon_model::contract::{Comparison, PropertyType, Value};
use tenon_runtime::Capability;

pub const CHECKS: &[Check] = &[
    Check {
        name: "crud.filter.same-property",
        about: "several conditions on one property all count, and a record that matches twice comes once",
        needs: &[Capability::Crud],
        writes: true,
        run: one_property,
    },
    Check {
        name: "crud.filter.key",
        about: "the key can be filtered by as any other property can",
        needs: &[Capability::Crud],
        writes: true,
        run: by_key,
    },
    Check {
        name: "crud.filter.wide",
        about: "two hundred conditions and a thousand operands are as good as one",
        needs: &[Capability::Crud],
        writes: true,
        run: wide,
    },
];

fn one_property(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let text = |comparison, text: &str| is("text", comparison, vec![Value::from(text)]);
    let null = |comparison| is("integer", comparison, vec![Value::Null]);
    let between = |least, most| {
        is(
            "integer",
            C::Between,
            vec![Value::Integer(least), Value::Integer(most)],
        )
    };
    let one_of = |numbers: &[i64]| {
        is(
            "integer",
            C::OneOf,
            numbers.iter().copied().map(Value::Integer).collect(),
        )
    };
    let groups = [
        vec![integer(C::Greater, 0), integer(C::Less, 100)],
        vec![
            integer(C::GreaterOrEqual, 1),
            integer(C::LessOrEqual, 100),
            integer(C::NotEqual, 10),
        ],
        vec![integer(C::Less, 1), integer(C::Greater, 2)],
        vec![integer(C::Greater, 2), integer(C::Greater, 0)],
        vec![
            integer(C::Less, 2),
            integer(C::Less, 100),
            integer(C::Less, 10),
        ],
        vec![integer(C::Equal, 1), integer(C::Equal, 2)],
        vec![integer(C::Equal, 1), integer(C::Equal, 1)],
        vec![integer(C::Equal, 1), integer(C::Greater, 0)],
        vec![integer(C::Equal, 1), null(C::Equal)],
        vec![null(C::NotEqual), integer(C::NotEqual, 1)],
        vec![integer(C::GreaterOrEqual, 1), null(C::Equal)],
        vec![between(0, 10), between(2, 100)],
        vec![between(0, 2), between(1, 10), one_of(&[1, 2, 10, 70_000])],
        vec![one_of(&[1, 2, 10]), one_of(&[2, 10, 100])],
        vec![one_of(&[1, 1, 2]), integer(C::Less, 10)],
        vec![text(C::Like, "a%"), text(C::NotEqual, "a")],
        vec![
            text(C::GreaterOrEqual, "a"),
            text(C::Less, "b"),
            text(C::NotLike, "%b"),
        ],
        vec![text(C::Like, "a%"), text(C::Like, "%b")],
        vec![
            text(C::Greater, "A"),
            text(C::Greater, "a"),
            text(C::LessOrEqual, "ä"),
        ],
        vec![text(C::Equal, "a"), integer(C::Equal, 0)],
        vec![text(C::Ilike, "A"), text(C::NotEqual, "A")],
    ];
    for group in groups {
        for join in [Filter::AllOf, Filter::AnyOf, Filter::NoneOf] {
            ask(bench, &known, &join(group.clone()))?;
            // The other way round it is the same.
            ask(bench, &known, &join(group.iter().rev().cloned().collect()))?;
        }
        // Each apart, joined by one that is about something else.
        let key = is("id", C::Greater, vec![Value::Integer(3)]);
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![Filter::AnyOf(group.clone()), key.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AnyOf(vec![Filter::AllOf(group), key]),
        )?;
    }
    Ok(())
}

fn by_key(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let numbers = [-1, 0, 1, 5, 6, 1_000_000];
    let id = |comparison, numbers: &[i64]| {
        is(
            "id",
            comparison,
            numbers.iter().copied().map(Value::Integer).collect(),
        )
    };
    let mut filters = Vec::new();
    for comparison in [
        C::Equal,
        C::NotEqual,
        C::Greater,
        C::GreaterOrEqual,
        C::Less,
        C::LessOrEqual,
    ] {
        filters.extend(numbers.map(|number| id(comparison, &[number])));
        filters.push(is("id", comparison, vec![Value::Null]));
    }
    for list in [
        &[][..],
        &[1],
        &[5, 1, 3],
        &[3, 3, 1, 3],
        &[-5, 1],
        &[-5],
        &[7, 6, 5, 4, 4, 5],
    ] {
        filters.push(id(C::OneOf, list));
        filters.push(id(C::NotOneOf, list));
    }
    for (least, most) in [
        (1, 3),
        (3, 1),
        (3, 3),
        (-10, 0),
        (-10, 1_000_000),
        (1_000, 2_000),
    ] {
        filters.push(id(C::Between, &[least, most]));
    }
    let text = is("text", C::Like, vec![Value::from("a%")]);
    for filter in filters {
        ask(bench, &known, &filter)?;
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![filter.clone(), text.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![text.clone(), filter.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AnyOf(vec![filter.clone(), text.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AnyOf(vec![filter.clone(), id(C::Equal, &[5]), id(C::Less, &[6])]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![
                filter.clone(),
                id(C::OneOf, &[2, 5, 5]),
                id(C::Less, &[6]),
            ]),
        )?;
        ask(bench, &known, &Filter::NoneOf(vec![filter]))?;
    }
    Ok(())
}

fn wide(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let id = |number: i64| is("id", C::Equal, vec![Value::Integer(number)]);
    let greater = |number: i64| is("id", C::Greater, vec![Value::Integer(number)]);
    let many =
        |numbers: std::ops::Range<i64>| -> Vec<Value> { numbers.map(Value::Integer).collect() };
    let texts: Vec<Value> = (0..999)
        .map(|number| Value::Text(format!("text {number}")))
        .chain([Value::from("ab")])
        .collect();
    let filters = [
        // The last of many tells.
        Filter::AnyOf((-198..2).map(id).collect()),
        Filter::AnyOf((0..200).map(id).collect()),
        Filter::NoneOf((-198..2).map(id).collect()),
        Filter::AllOf((-197..3).map(greater).collect()),
        Filter::AllOf((-197..3).rev().map(greater).collect()),
        Filter::AnyOf(
            (0..200)
                .map(|number| Filter::AllOf(vec![id(number), greater(3)]))
                .collect(),
        ),
        is("id", C::OneOf, many(-995..5)),
        is("id", C::OneOf, many(5..1_005)),
        is("id", C::OneOf, many(1_000..2_000)),
        is("id", C::NotOneOf, many(-995..5)),
        is("id", C::NotOneOf, many(3..1_003)),
        is("integer", C::OneOf, many(-997..3)),
        is("integer", C::NotOneOf, many(-997..3)),
        is("text", C::OneOf, texts.clone()),
        is("text", C::NotOneOf, texts),
    ];
    for filter in &filters {
        ask(bench, &known, filter)?;
    }
    Ok(())
}
