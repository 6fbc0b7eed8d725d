//! Guessing the model of an import.
//!
//! What can be read again is looked at as a whole, so that the guess fits every record of it. Of a pipe that is
//! stored as it comes, the first records are looked at and kept, and later ones that don't fit are broken lines.

use tenon_model::Model;
use tenon_runtime::DataSourceName;
use tenon_runtime::config::Config;

use super::{Input, Items};
use crate::args::Import;
use crate::commands::context::Context;
use crate::commands::show;
use crate::exit;
use crate::files;
use crate::guess::{Guesser, toml};
use crate::report::Report;

/// How many records of a pipe are read ahead at most.
const MAX_AHEAD_RECORDS: usize = 10_000;

/// How many bytes of records of a pipe are read ahead at most, about.
const MAX_AHEAD_BYTES: usize = 16 << 20;

/// What was guessed.
pub struct Guessed {
    /// The lines for `tenon.toml`.
    pub lines: String,
    model: Model,
}

/// Guesses the model that the records are of, and gives back the input, to be read now.
pub fn guess(
    mut input: Input,
    args: &Import,
    context: &Context,
) -> Result<(Guessed, Input), Report> {
    let config = context.config_or_empty()?;
    if config.models.contains_key(&args.model) {
        let message = format!(
            "{} has a model {} already",
            context.path().display(),
            args.model
        );
        return Err(Report::new(exit::CONFLICT, message)
            .help("leave --guess out to import into it, or choose another name with --model"));
    }
    let source = source(args, &config)?;
    if args.write {
        input.keep_if_checked_first(args)?;
    }
    let mut guesser = Guesser::new(&args.model, args.key.clone());
    let (items, meter) = input.items()?;
    if args.write && !input.opened.is_rereadable() {
        input.ahead = Some((look_ahead(items, &mut guesser), meter));
    } else {
        items.flatten().for_each(|record| guesser.add(&record));
    }
    let guess = guesser.finish().map_err(|problems| {
        let message = format!("no model can be guessed from {}", input.location);
        Report::new(exit::INVALID, message).problems(&problems)
    })?;
    show::note(&format!("guessed from {}", show::records(guess.records)));
    let guessed = Guessed {
        lines: toml::lines(&guess, &source),
        model: guess.model,
    };
    Ok((guessed, input))
}

impl Guessed {
    /// `tenon.toml` as it is now, with the lines at its end.
    pub fn document(&self, context: &Context) -> Result<String, Report> {
        let path = context.path();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Report::new(
                exit::USAGE,
                format!("{} can't be read: {error}", path.display()),
            )
        })?;
        toml::added(&text, &self.lines, &self.model).map_err(|problems| {
            Report::new(
                exit::USAGE,
                format!("the model can't be added to {}", path.display()),
            )
            .problems(&problems)
        })
    }

    /// Adds the lines to `tenon.toml`.
    pub fn write(&self, context: &Context) -> Result<(), Report> {
        let path = context.path();
        // Read again: somebody may have changed it while a long input was checked.
        let document = self.document(context)?;
        files::replace(path, |out| out.write_all(document.as_bytes())).map_err(|error| {
            Report::new(
                exit::FAILURE,
                format!("{} can't be changed: {error}", path.display()),
            )
        })?;
        show::note(&format!("added to {}:\n\n{}", path.display(), self.lines));
        Ok(())
    }
}

/// Looks at the first records, and gives all of them back.
fn look_ahead(mut items: Items, guesser: &mut Guesser) -> Items {
    let mut ahead = Vec::new();
    let mut bytes = 0;
    while ahead.len() < MAX_AHEAD_RECORDS && bytes < MAX_AHEAD_BYTES {
        let Some(item) = items.next() else { break };
        if let Ok(record) = &item {
            bytes += record.bytes();
            guesser.add(record);
        }
        ahead.push(item);
    }
    Box::new(ahead.into_iter().chain(items))
}

/// The data source that the model is attached to: the one that was named, or the only one.
fn source(args: &Import, config: &Config) -> Result<String, Report> {
    let mut names = config.sources.keys().map(DataSourceName::as_str);
    match (&args.source, names.next(), names.next()) {
        (Some(name), ..) => Ok(name.clone()),
        (None, Some(only), None) => Ok(only.to_owned()),
        (None, None, _) => Err(Report::new(
            exit::USAGE,
            "there is no data source to attach the model to",
        )
        .help("declare one in tenon.toml, or name the one that there will be with --source")),
        (None, Some(first), Some(second)) => {
            let more = names.fold(String::new(), |names, name| format!("{names}, {name}"));
            Err(Report::new(
                exit::USAGE,
                "there are several data sources to attach the model to",
            )
            .help(format!("name one with --source: {first}, {second}{more}")))
        }
    }
}
