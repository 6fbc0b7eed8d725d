//! `import`: records from a file or pipe into a model, in batches that are stored whole or not at all.
//!
//! With `--on-error stop` the whole input is checked before anything is written, a pipe through a temporary file.
//! What the backend itself refuses is only known when it is written: then the report says exactly what is stored.

mod batches;
mod check;
mod guess;
mod left_out;
mod store;

use tenon_model::Query;
use tenon_runtime::Dao;

use super::context::{Context, with_model, with_runtime};
use super::show;
use crate::args::{Import, OnError};
use crate::input::{Broken, Location, Meter, Opened, Options, Record};
use crate::report::Report;

/// The records of an input as they come.
type Items = Box<dyn Iterator<Item = Result<Record, Broken>> + Send>;

/// Imports records, or shows the model that is guessed from them.
pub async fn run(args: &Import, context: &Context) -> Result<u8, Report> {
    let mut input = Input::open(args)?;
    if !args.guess {
        return with_model(context, &args.model, async |dao| {
            // What is wrong with the data source is told before a long input is read.
            ready(dao).await?;
            input.keep_if_checked_first(args)?;
            import(input, dao, args, context, || Ok(())).await
        })
        .await;
    }
    let (guessed, input) = guess::guess(input, args, context)?;
    if !args.write {
        return show::print(&guessed.lines);
    }
    with_runtime(
        context.parse(&guessed.document(context)?)?,
        async |runtime| {
            let dao = runtime.model(&args.model).await?;
            ready(&dao).await?;
            import(input, &dao, args, context, || guessed.write(context)).await
        },
    )
    .await
}

/// Has the connector told of the model, so that what is wrong with either isn't blamed on a record.
async fn ready(dao: &Dao) -> Result<(), Report> {
    dao.explain(Query::new().limit(0)).await?;
    Ok(())
}

/// Checks the input where that is to be done first, then calls `prepare`, then stores the records.
async fn import(
    mut input: Input,
    dao: &Dao,
    args: &Import,
    context: &Context,
    prepare: impl FnOnce() -> Result<(), Report>,
) -> Result<u8, Report> {
    if args.on_error == OnError::Stop {
        let (items, meter) = input.items()?;
        check::check(items, meter, dao.model(), &input.location)?;
    }
    prepare()?;
    let (items, meter) = input.items()?;
    store::Storing::new(dao, &input.location, args)
        .run(items, meter, context)
        .await
}

/// An input with what its reader is told.
struct Input {
    location: Location,
    opened: Opened,
    options: Options,
    /// What was read ahead of an input that can't be read again, and the rest of it.
    ahead: Option<(Items, Meter)>,
}

impl Input {
    fn open(args: &Import) -> Result<Self, Report> {
        let location = args.input.clone();
        let failed = |error: crate::input::InputError| error.report(&location);
        let options = Options::new(&location, args.format, args.delimiter).map_err(failed)?;
        let opened = Opened::new(&location).map_err(failed)?;
        if opened.is_terminal() {
            show::note(
                "reading records from the terminal; end them with Ctrl-D on a line of its own",
            );
        }
        Ok(Self {
            location,
            opened,
            options,
            ahead: None,
        })
    }

    /// Makes it readable twice, where it is checked before it is stored.
    fn keep_if_checked_first(&mut self, args: &Import) -> Result<(), Report> {
        if args.on_error == OnError::Stop {
            let kept = self.opened.make_rereadable();
            kept.map_err(|error| error.report(&self.location))?;
        }
        Ok(())
    }

    /// All its records: once more, where it can be read again.
    fn items(&mut self) -> Result<(Items, Meter), Report> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(ahead);
        }
        let opened = self.opened.records(self.options);
        let (records, meter) = opened.map_err(|error| error.report(&self.location))?;
        Ok((Box::new(records), meter))
    }
}
