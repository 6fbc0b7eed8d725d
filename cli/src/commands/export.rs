//! `export`.

use std::io::{self, Write};

use tenon_runtime::{Dao, EntityStream};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::context::{Context, with_runtime};
use super::read::{self, Asked};
use super::show;
use crate::args::Export;
use crate::exit;
use crate::files;
use crate::output::{Columns, OutputFormat, Screen, Written, writer};
use crate::progress::Progress;
use crate::report::Report;

/// How many records there are between two moves of the progress bar.
const STEP: u64 = 100;

/// Why writing ended early.
enum Stopped {
    Output(io::Error),
    Records(Report),
}

/// Writes records to a file or pipe.
pub async fn run(args: &Export, context: &Context) -> Result<u8, Report> {
    let Asked { query, text } = read::query(&args.query)?;
    let of_path = args.to.as_deref().and_then(OutputFormat::of_path);
    let format = context.output().or(of_path).unwrap_or(OutputFormat::Ndjson);
    with_runtime(context.config()?, async |runtime| {
        let dao = &runtime.model(&args.model).await?;
        let columns = show::columns(runtime, dao.model(), &query, format)?;
        let records = dao.find(query);
        let exporting = Exporting {
            records,
            format,
            columns,
            text: &text,
        };
        match &args.to {
            None => exporting.print().await,
            Some(path) => {
                let written = exporting.save(path)?;
                show::warn_left_out(&written);
                let path = path.display();
                let done = format!(
                    "wrote {} of {} to {path}",
                    show::records(written.records),
                    name(dao)
                );
                show::note(&done);
                Ok(exit::OK)
            }
        }
    })
    .await
}

fn name(dao: &Dao) -> &str {
    &dao.model().name
}

/// Records on their way.
struct Exporting<'a> {
    records: EntityStream,
    format: OutputFormat,
    columns: Columns,
    text: &'a str,
}

impl Exporting<'_> {
    async fn print(self) -> Result<u8, Report> {
        let written = match self.write(Screen::stdout(), show::stdout(), None).await {
            Ok(written) => Some(written),
            Err(Stopped::Output(error)) => show::unless_closed(Err(error))?,
            Err(Stopped::Records(report)) => return Err(report),
        };
        if let Some(written) = written {
            show::warn_left_out(&written);
        }
        Ok(exit::OK)
    }

    /// Writes a file, which is replaced when all is written.
    fn save(self, path: &std::path::Path) -> Result<Written, Report> {
        let mut failed = None;
        let mut progress = Progress::spinner("exporting", "written");
        let written = files::replace(path, |out| {
            let writing = self.write(Screen::default(), out, Some(&mut progress));
            block_in_place(|| Handle::current().block_on(writing)).map_err(
                |stopped| match stopped {
                    Stopped::Output(error) => error,
                    Stopped::Records(report) => {
                        failed = Some(report);
                        io::Error::other("the records ended early")
                    }
                },
            )
        });
        drop(progress);
        match (written, failed) {
            (Ok(written), _) => Ok(written),
            (Err(_), Some(report)) => Err(report),
            (Err(error), None) => Err(Report::new(
                exit::FAILURE,
                format!("{} can't be written: {error}", path.display()),
            )),
        }
    }

    async fn write(
        mut self,
        screen: Screen,
        out: impl Write,
        mut progress: Option<&mut Progress>,
    ) -> Result<Written, Stopped> {
        let mut writer = writer(self.format, self.columns, screen, out);
        let mut count: u64 = 0;
        while let Some(record) = self.records.next().await {
            let record = record
                .map_err(|error| Stopped::Records(Report::in_json(&error, "query", self.text)))?;
            writer.write(&record).map_err(Stopped::Output)?;
            count += 1;
            if let Some(progress) = progress.as_mut()
                && count.is_multiple_of(STEP)
            {
                progress.add(STEP);
            }
        }
        writer.finish().map_err(Stopped::Output)
    }
}
