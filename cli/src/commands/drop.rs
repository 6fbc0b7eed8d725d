//! `drop`: a model's collection, with all that is in it.

use std::io::{self, IsTerminal, Write as _};

use super::context::{Context, with_runtime};
use super::show;
use crate::args::Drop;
use crate::exit;
use crate::report::Report;

/// Removes the collection, once somebody has consented to that.
pub async fn run(args: &Drop, context: &Context) -> Result<u8, Report> {
    with_runtime(context.config()?, async |runtime| {
        // For its error, before anybody is asked.
        let dao = runtime.model(&args.model).await?;
        let source = dao.data_source().name().to_string();
        let consent = args.allow_destructive || ask(&args.model, &source)?;
        runtime.drop_model(&args.model, consent).await?;
        show::note(&format!(
            "{source}: the collection of {} is gone",
            args.model
        ));
        Ok(exit::OK)
    })
    .await
}

/// Asks for consent, where somebody is there to give it.
fn ask(model: &str, source: &str) -> Result<bool, Report> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    // There is nowhere left to say that this failed; then nobody answers either.
    let _ = write!(
        io::stderr().lock(),
        "This removes the collection of {model} in {source}, and every record in it. To do so, type {model}: "
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|error| {
        Report::new(exit::FAILURE, format!("reading the answer failed: {error}"))
    })?;
    Ok(answer.trim() == model)
}
