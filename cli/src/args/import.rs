//! The command `import`.

use clap::Args;

use crate::input::{Format, Location};

/// Read records from CSV, JSON or NDJSON into a model
#[derive(Debug, Args)]
#[command(after_help = "\
Lines are read as they stream: a file may be larger than memory. A line that is broken or doesn't \
fit the model is reported with its number; then nothing is imported (--on-error stop), or the \
other lines are (--on-error skip).

Examples:
  tenon import airports.csv --model Airport
  tenon import airports.csv --model Airport --guess --source airports
  tenon import routes.csv --model Route --guess --key origin,destination --write
  zcat events.ndjson.gz | tenon import --format ndjson --model Event --on-error skip")]
pub struct Import {
    /// The file, or - for the standard input
    #[arg(value_name = "FILE", default_value = "-", value_parser = |text: &str| Ok::<_, String>(Location::from(text)))]
    pub input: Location,
    /// The model that the records are of
    #[arg(short, long)]
    pub model: String,
    /// The file's format, where its name doesn't tell
    #[arg(short, long, value_enum)]
    pub format: Option<Format>,
    /// What stands between a CSV's cells: one character, or tab; a comma where nothing else is said
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// What happens to the other lines where one is broken
    #[arg(long, value_enum, default_value_t = OnError::Stop, value_name = "ACTION")]
    pub on_error: OnError,
    /// How many records are written at once: all of them or none
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub batch: u32,
    /// Guess the model from the records, and show the lines for tenon.toml; import nothing without --write
    #[arg(long, help_heading = "Options for a new model")]
    pub guess: bool,
    /// The data source that a guessed model is attached to; the only one, where there is one
    #[arg(
        short,
        long,
        requires = "guess",
        help_heading = "Options for a new model"
    )]
    pub source: Option<String>,
    /// The properties of a guessed model's key; looked for where nothing is said
    #[arg(
        short,
        long,
        requires = "guess",
        value_delimiter = ',',
        help_heading = "Options for a new model"
    )]
    pub key: Vec<String>,
    /// Add the guessed model to tenon.toml, then import
    #[arg(
        short,
        long,
        requires = "guess",
        help_heading = "Options for a new model"
    )]
    pub write: bool,
}

/// What happens to the other lines where one is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnError {
    /// Everything is checked first, and nothing is imported.
    Stop,
    /// The others are imported.
    Skip,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if !matches!(byte, b'"' | b'\r' | b'\n') && byte.is_ascii() => Ok(*byte),
        _ => Err("one ASCII character that isn't a quote, or `tab`".to_owned()),
    }
}
