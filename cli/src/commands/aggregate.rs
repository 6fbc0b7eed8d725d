//! `aggregate`.

use tenon_model::{Aggregation, ResultShape};

use super::context::{Context, with_model};
use super::show;
use crate::args::Aggregate;
use crate::exit;
use crate::output::Columns;
use crate::report::Report;

/// Shows what records amount to.
pub async fn run(args: &Aggregate, context: &Context) -> Result<u8, Report> {
    let text = args.to_json()?;
    let request = Aggregation::parse(&text).map_err(|problems| {
        Report::new(exit::INVALID, "the request is wrong")
            .problems_in_json("request", &text, &problems)
    })?;
    with_model(context, &args.model, async |dao| {
        let rows = dao
            .aggregate(request.clone())
            .await
            .map_err(|error| Report::in_json(&error, "request", &text))?;
        let checked = request.check(dao.model()).map_err(|problems| {
            Report::new(exit::INVALID, "the request is wrong")
                .problems_in_json("request", &text, &problems)
        })?;
        let results = ResultShape::new(&checked, dao.model()).model("results");
        show::all(&rows, Columns::of_model(&results, &[]), context)
    })
    .await
}
