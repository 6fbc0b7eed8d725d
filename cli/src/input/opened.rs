//! An input that is open: a file can be read again from where it began, a pipe once.
//!
//! A pipe that has to be read twice is first kept in a temporary file, which has no name and is gone when the
//! process is. The disk bounds it.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;

use super::{InputError, Location, Meter, Options, Records};

/// An input that is open.
#[derive(Debug)]
pub struct Opened {
    file: File,
    extent: Option<Extent>,
}

/// Which part of a plain file it is.
#[derive(Clone, Copy, Debug)]
struct Extent {
    start: u64,
    bytes: u64,
}

impl Opened {
    /// Opens an input.
    ///
    /// # Errors
    /// Where it can't be opened, or is a folder.
    pub fn new(location: &Location) -> Result<Self, InputError> {
        let file = match location {
            Location::Stdin => {
                let stdin = io::stdin().as_fd().try_clone_to_owned();
                File::from(stdin.map_err(InputError::Read)?)
            }
            Location::File(path) => {
                File::open(path).map_err(|error| InputError::Open(path.clone(), error))?
            }
        };
        let metadata = file.metadata().map_err(InputError::Read)?;
        if let (true, Location::File(path)) = (metadata.is_dir(), location) {
            return Err(InputError::Folder(path.clone()));
        }
        let mut opened = Self { file, extent: None };
        if metadata.is_file() {
            let start = opened.file.stream_position().map_err(InputError::Read)?;
            opened.extent = Some(Extent {
                start,
                bytes: metadata.len().saturating_sub(start),
            });
        }
        Ok(opened)
    }

    /// Whether a person is to type it.
    pub fn is_terminal(&self) -> bool {
        self.file.is_terminal()
    }

    /// Whether it can be read more than once.
    pub const fn is_rereadable(&self) -> bool {
        self.extent.is_some()
    }

    /// Makes it one that can be read more than once: a pipe is read to its end into a temporary file.
    ///
    /// # Errors
    /// Where reading it, or writing the temporary file, fails.
    pub fn make_rereadable(&mut self) -> Result<(), InputError> {
        if self.is_rereadable() {
            return Ok(());
        }
        let mut kept = tempfile::tempfile().map_err(keeping)?;
        let mut buffer = vec![0; 256 << 10];
        let mut bytes = 0;
        loop {
            let count = match self.file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(InputError::Read(error)),
            };
            let read = buffer.get(..count).unwrap_or_default();
            kept.write_all(read).map_err(keeping)?;
            bytes += count as u64;
        }
        self.file = kept;
        self.extent = Some(Extent { start: 0, bytes });
        Ok(())
    }

    /// Its records: from the beginning where it can be read more than once, else what is left of them. Only
    /// one such reader can be used at a time.
    ///
    /// # Errors
    /// Where nothing of it can be read.
    pub fn records(&mut self, options: Options) -> Result<(Records, Meter), InputError> {
        if let Some(extent) = self.extent {
            self.file
                .seek(SeekFrom::Start(extent.start))
                .map_err(InputError::Read)?;
        }
        let file = self.file.try_clone().map_err(InputError::Read)?;
        Records::of_file(file, self.extent.map(|extent| extent.bytes), options)
    }
}

/// The temporary folder is a place of its own, with a remedy of its own.
fn keeping(error: io::Error) -> InputError {
    let folder = std::env::temp_dir();
    InputError::Read(io::Error::new(
        error.kind(),
        format!(
            "keeping the input in {} failed ({error}); name a folder with room in TMPDIR, or read it once with \
             --on-error skip",
            folder.display()
        ),
    ))
}
