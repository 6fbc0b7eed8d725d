//! `explain`.

use tenon_model::{Entity, PropertyType, Value};

use super::context::{Context, with_model};
use super::read::{self, Asked};
use super::show;
use crate::args::Explain;
use crate::output::Columns;
use crate::report::Report;

/// Shows who does what of a query, and the query as it is run.
pub async fn run(args: &Explain, context: &Context) -> Result<u8, Report> {
    let Asked { query, text } = read::query(&args.query)?;
    with_model(context, &args.model, async |dao| {
        let explanation = dao
            .explain(query)
            .await
            .map_err(|error| Report::in_json(&error, "query", &text))?;
        let source = dao.data_source();
        let manifest = source.connector().manifest();
        let related = explanation.related.iter().map(|read| {
            serde_json::json!({
                "relation": read.relation,
                "model": read.model,
                "source": read.source.as_str(),
                "query": read.query.to_json(),
                "withheld": read.withheld,
                "keys": read.keys,
            })
        });
        let related: Vec<_> = related.collect();
        let mut shown = Entity::new()
            .with("source", source.name().as_str())
            .with(
                "connector",
                format!("{} {}", manifest.name, manifest.version),
            )
            .with("filter", explanation.filter.name())
            .with("order", explanation.order.name())
            .with("paging", explanation.paging.name())
            .with("fields", explanation.fields.name())
            .with(
                "query",
                Value::Json(explanation.query.to_json().to_string()),
            );
        if explanation.withheld {
            shown.set("withheld", "what is about hidden properties");
        }
        if !related.is_empty() {
            shown.set(
                "related",
                Value::Json(serde_json::Value::from(related).to_string()),
            );
        }
        let columns = [
            "source",
            "connector",
            "filter",
            "order",
            "paging",
            "fields",
            "withheld",
        ]
        .map(|name| (name, PropertyType::Text))
        .into_iter()
        .chain([
            ("related", PropertyType::Json),
            ("query", PropertyType::Json),
        ]);
        show::one(&shown, Columns::of(columns), context)
    })
    .await
}
