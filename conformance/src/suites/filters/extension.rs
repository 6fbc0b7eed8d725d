//! Conditions that nobody knows.

use super::rich::{self, condition};
use crate::bench::{Bench, PAGE};
use crate::finding::{Checked, Finding, ensure, must};
use crate::reference::same_records;
use crate::show;
use crate::suites::Check;
use tenon_model::Filter;
use tenon_model::contract::{self, Comparison, Condition, ErrorKind, PropertyType, Query, Value};
use tenon_runtime::Capability;

pub const CHECKS: &[Check] = &[Check {
    name: "crud.filter.extension",
    about: "a condition that the connector doesn't know is never ignored",
    needs: &[Capability::Crud],
    writes: true,
    run: unknown_extension,
}];

fn unknown_extension(bench: &mut Bench<'_>) -> Checked {
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let model = known.model().name.clone();
    let extension = Filter::Extension(contract::Extension {
        name: "tenon-check-nobody-knows-it".to_owned(),
        property: "text".to_owned(),
        path: Vec::new(),
        operands: vec![Value::from("a")],
    });
    let id = Filter::Condition(Condition {
        property: "id".to_owned(),
        path: Vec::new(),
        comparison: Comparison::Less,
        operands: vec![Value::Integer(8)],
    });
    let below = |record: &&tenon_model::Entity| matches!(record.get("id"), Some(Value::Integer(number)) if *number < 8);
    let nodes = condition("id", &[], Comparison::Less, vec![Value::Integer(8)]);
    // A filter, and the records that may match it.
    let all: Vec<_> = known.records().to_vec();
    let some: Vec<_> = known.records().iter().filter(below).cloned().collect();
    let cases = [
        (extension.clone(), all.clone()),
        (
            Filter::AllOf(vec![id.clone(), extension.clone()]),
            some.clone(),
        ),
        (Filter::AllOf(vec![extension.clone(), id.clone()]), some),
        (
            Filter::AnyOf(vec![id.clone(), extension.clone()]),
            all.clone(),
        ),
        (Filter::NoneOf(vec![extension.clone()]), all),
    ];
    let set: contract::Entity = vec![(rich::MARK.to_owned(), Value::Integer(1))];
    for (filter, may_match) in cases {
        let filter = filter.to_nodes();
        let shown = show::filter(&filter);
        let query = Query {
            filter: filter.clone(),
            ..Query::default()
        };
        let session = bench.session()?;
        match session.all(&model, &query) {
            Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {}
            opened => {
                let (rows, done) = must("all", opened).map_err(|stop| stop.after(&shown))?;
                let rows = must("next", session.read(rows, PAGE))?;
                ensure(!done.contains(contract::Done::FILTER), || {
                    Finding::new(
                        "`all` claims that `filter` is done of a filter with a condition that nobody knows",
                    )
                    .after(format!("all {shown}"))
                })?;
                let lost = may_match
                    .iter()
                    .find(|record| !rows.iter().any(|row| crate::reference::same(row, record)));
                ensure(lost.is_none(), || {
                    Finding::new("`all` leaves out a record for a condition that it doesn't know")
                        .differs(
                            "every record that might match",
                            format!("without {}", lost.map(show::record).unwrap_or_default()),
                        )
                        .after(format!("all {shown}"))
                })?;
            }
        }
        let refused = [
            ("count", session.count(&model, &filter)),
            ("update", session.update(&model, &filter, &set)),
            ("destroy-all", session.destroy_all(&model, &filter)),
        ];
        for (function, called) in refused {
            let is_refused = called
                .as_ref()
                .is_err_and(|failure| failure.kind() == Some(ErrorKind::Unsupported));
            ensure(is_refused, || {
                let seen =
                    called.map_or_else(|failure| failure.to_string(), |number| number.to_string());
                Finding::new(format!(
                    "`{function}` takes a filter with a condition that nobody knows"
                ))
                .differs("`unsupported`", seen)
                .after(format!("{function} {shown}"))
            })?;
        }
    }
    let now = bench.everything(known.model())?;
    ensure(same_records(known.records(), &now), || {
        Finding::new("a function that was refused as `unsupported` has changed records")
            .differs(show::records(known.records()), show::records(&now))
    })?;
    // What it knows it still does.
    known.ask_filter(bench.session()?, &nodes)
}
