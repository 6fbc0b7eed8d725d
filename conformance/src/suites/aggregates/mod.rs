//! Groups of records, and what they amount to.

mod groups;
mod invented;
mod numbers;

mod ask;

use tenon_model::contract::{
    Aggregate, AggregateFunction as Function, Comparison, PropertyType, Value,
};
use tenon_model::{Aggregation, Filter};
use tenon_runtime::Capability;

use super::Check;
use super::filters::rich::{self, condition};
use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::facts::KINDS;
use crate::finding::{Checked, Stop};
use crate::generate::filters;
use crate::reduce;

/// Declares the checks.
macro_rules! checks {
    ($($name:literal = $run:path: $about:literal;)+) => {
        pub const CHECKS: &[Check] = &[$(
            Check {
                name: concat!("aggregates.", $name),
                about: $about,
                needs: &[Capability::Crud, Capability::Aggregates],
                writes: true,
                run: $run,
            },
        )+];
    };
}

checks! {
    "count" = count: "`count` counts records, or a property's values that are not null, equal ones once if asked to";
    "sum" = numbers::sum: "`sum` is exact of whole numbers and decimals, however many digits they have, and null of none";
    "average" = numbers::average: "`average` is the exact sum by the count, rounded once";
    "minimum" = minimum: "`minimum` is the least value by the contract's order, and null is none";
    "maximum" = maximum: "`maximum` is the greatest value by the contract's order, and null is none";
    "groups" = groups::groups: "a group has equal values; null and absent are one value";
    "none" = groups::none: "of no records there is one group without `group-by`, and none with it";
    "filter" = filtered: "only the records that the filter matches are taken into account";
    "path" = by_path: "of several values that a path leads to, each counts";
    "order" = groups::ordered: "groups come in their order, and the part of them that is asked for";
    "pages" = groups::pages: "many groups come in pages, each group once";
    "no-numbers" = numbers::no_numbers: "a sum of what is no number is refused as invalid";
    "invented" = invented::invented: "invented requests for invented records come to what the contract says";
}

/// Asks for requests, and keeps count of those that are unsupported.
struct Asker<'b, 'k> {
    bench: &'b mut Bench<'k>,
    asked: u32,
    unsupported: u32,
}

impl<'b, 'k> Asker<'b, 'k> {
    fn new(bench: &'b mut Bench<'k>) -> Self {
        Self {
            bench,
            asked: 0,
            unsupported: 0,
        }
    }

    fn ask(&mut self, known: &Known, request: &Aggregation) -> Checked {
        self.ask_pages(known, request, PAGE)
    }

    fn ask_pages(&mut self, known: &Known, request: &Aggregation, max: u32) -> Checked {
        self.asked += 1;
        let asked = ask::ask(self.bench.session()?, known, request, max);
        match asked {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.unsupported += 1;
                Ok(())
            }
            Err(stop) => Err(reduce::fewer(self.bench, known, stop, |session, known| {
                ask::ask(session, known, request, max).map(drop)
            })),
        }
    }

    fn finish(self) -> Checked {
        if self.unsupported == 0 {
            return Ok(());
        }
        if self.unsupported == self.asked {
            return Err(Stop::skipped("every such request is `unsupported`"));
        }
        let note = format!(
            "{} of {} requests are `unsupported`",
            self.unsupported, self.asked
        );
        self.bench.note(note);
        Ok(())
    }
}

fn of(name: &str, function: Function, property: &str, distinct: bool) -> Aggregate {
    Aggregate {
        name: name.to_owned(),
        function,
        property: Some(property.to_owned()),
        path: Vec::new(),
        distinct,
    }
}

fn kept(bench: &Bench<'_>) -> Vec<PropertyType> {
    KINDS
        .iter()
        .copied()
        .filter(|kind| bench.facts().keeps(*kind))
        .collect()
}

/// Does something with records of every kind, in a strict model and in an open one.
fn with_every_kind(
    bench: &mut Bench<'_>,
    mut each: impl FnMut(&mut Asker<'_, '_>, &Known, &str, PropertyType) -> Checked,
) -> Checked {
    let kinds = kept(bench);
    let opens: &[bool] = if bench.facts().open {
        &[false, true]
    } else {
        &[false]
    };
    let mut stored = Vec::new();
    for open in opens {
        stored.push(rich::orderly(bench, &kinds, *open)?);
    }
    let mut asker = Asker::new(bench);
    for (known, asked) in &stored {
        for asked in asked {
            each(&mut asker, known, &asked.name, asked.kind)?;
        }
    }
    asker.finish()
}

fn count(bench: &mut Bench<'_>) -> Checked {
    with_every_kind(bench, |asker, known, name, _| {
        let all = Aggregation::new()
            .count("records")
            .count_of("values", name)
            .count_distinct("different", name);
        asker.ask(known, &all)?;
        asker.ask(known, &Aggregation::new().count("records"))?;
        asker.ask(known, &Aggregation::new().count_of("values", name))?;
        asker.ask(known, &Aggregation::new().count_distinct("different", name))?;
        let few = Filter::compare("id", Comparison::Less, Value::Integer(5));
        asker.ask(known, &all.clone().filter(few))?;
        let null = Filter::equal(name, Value::Null);
        asker.ask(known, &all.filter(null))
    })
}

fn extreme(bench: &mut Bench<'_>, function: Function) -> Checked {
    with_every_kind(bench, |asker, known, name, _| {
        let all = Aggregation::new().aggregate(of("result", function, name, false));
        asker.ask(known, &all)?;
        for part in 0..8 {
            let of_few = Filter::AllOf(vec![
                Filter::compare("id", Comparison::GreaterOrEqual, Value::Integer(part * 7)),
                Filter::compare("id", Comparison::Less, Value::Integer(part * 7 + 7)),
            ]);
            asker.ask(known, &all.clone().filter(of_few))?;
            let rest = Filter::compare("id", Comparison::Greater, Value::Integer(part * 5));
            asker.ask(known, &all.clone().filter(rest))?;
        }
        asker.ask(known, &all.clone().filter(Filter::equal(name, Value::Null)))?;
        asker.ask(known, &all.group_by(rich::MARK))
    })
}

fn minimum(bench: &mut Bench<'_>) -> Checked {
    extreme(bench, Function::Minimum)
}

fn maximum(bench: &mut Bench<'_>) -> Checked {
    extreme(bench, Function::Maximum)
}

fn filtered(bench: &mut Bench<'_>) -> Checked {
    let kinds = kept(bench);
    let (known, asked) = rich::orderly(bench, &kinds, false)?;
    let mut asker = Asker::new(bench);
    let request = Aggregation::new().count("records").sum("ids", "id");
    for asked in &asked {
        for comparison in filters::comparisons(asked.kind) {
            let all = super::filters::comparisons::filters(asked, comparison, 1);
            let step = all.len().div_ceil(6);
            for nodes in all.into_iter().step_by(step.max(1)) {
                if let Ok(filter) = Filter::from_nodes(&nodes) {
                    asker.ask(&known, &request.clone().filter(filter))?;
                }
            }
        }
    }
    let key = condition(
        "id",
        &[],
        Comparison::OneOf,
        vec![Value::Integer(1), Value::Integer(3), Value::Integer(1)],
    );
    if let Ok(filter) = Filter::from_nodes(&key) {
        asker.ask(&known, &request.filter(filter))?;
    }
    asker.finish()
}

fn by_path(bench: &mut Bench<'_>) -> Checked {
    if !bench.facts().keeps(PropertyType::Json) {
        return Err(Stop::skipped("no property of kind `json` is kept"));
    }
    let (known, _) = rich::orderly(bench, &[PropertyType::Json], false)?;
    let mut asker = Asker::new(bench);
    let paths: &[&[&str]] = &[
        &["n"],
        &["t"],
        &["o", "n"],
        &["list"],
        &["list", "n"],
        &["0"],
        &["list", "0"],
        &["missing"],
        &["price"],
        &["a.b"],
    ];
    for path in paths {
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        for function in [
            Function::Count,
            Function::Sum,
            Function::Average,
            Function::Minimum,
            Function::Maximum,
        ] {
            for distinct in [false, true] {
                let one = Aggregate {
                    path: path.clone(),
                    ..of("result", function, "json", distinct)
                };
                let request = Aggregation::new().aggregate(one);
                asker.ask(&known, &request)?;
                for part in 0..6 {
                    // By themselves, since a value that is none of a number's spoils a sum.
                    let few = Filter::AllOf(vec![
                        Filter::compare("id", Comparison::GreaterOrEqual, Value::Integer(part * 3)),
                        Filter::compare("id", Comparison::Less, Value::Integer(part * 3 + 3)),
                    ]);
                    asker.ask(&known, &request.clone().filter(few))?;
                }
            }
        }
    }
    asker.finish()
}
