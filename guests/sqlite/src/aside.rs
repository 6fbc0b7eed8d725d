//! Rows that were set aside: what is left of an open result when somebody is about to write.
//!
//! SQLite has one view of the file for a connection, and this file has one connection: a statement that is still
//! stepping would see what others write, a changed record even twice. So its rows are read to the end before that,
//! into memory as far as there is little of it, and further into a file without a name beside the database.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::rc::Rc;

use rusqlite::types::ValueRef;
use tenon_sdk::{Error, Result};

/// Bytes of rows that are kept in memory for one result.
const IN_MEMORY: usize = 1 << 20;

/// A value as SQLite has stored it.
#[derive(Debug)]
pub(crate) enum Stored {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Stored {
    /// The same, looked at.
    pub(crate) fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

/// Where rows are set aside.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    /// Of the database's file.
    path: String,
    /// Makes the names of files differ for the moment that they have one.
    files: Rc<Cell<u64>>,
}

impl Aside {
    /// Beside that file.
    pub(crate) fn beside(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            files: Rc::default(),
        }
    }

    /// A file that is gone when it is closed, whoever closes it.
    fn file(&self) -> Result<(File, Option<PathBuf>)> {
        self.files.set(self.files.get().wrapping_add(1));
        let path = PathBuf::from(format!("{}-rows-{}", self.path, self.files.get()));
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        // Where an open file can't lose its name, it does so at the end.
        let named = fs::remove_file(&path).is_err().then_some(path);
        Ok((file, named))
    }
}

/// Takes rows down.
pub(crate) struct Writer {
    aside: Aside,
    columns: usize,
    memory: Vec<u8>,
    file: Option<(BufWriter<File>, Option<PathBuf>)>,
}

impl Writer {
    /// For rows of so many columns.
    pub(crate) fn new(aside: &Aside, columns: usize) -> Self {
        Self {
            aside: aside.clone(),
            columns,
            memory: Vec::new(),
            file: None,
        }
    }

    /// Takes a row down.
    pub(crate) fn push<'a>(&mut self, row: impl Iterator<Item = ValueRef<'a>>) -> Result<()> {
        let start = self.memory.len();
        for value in row {
            write_value(value, &mut self.memory);
        }
        match &mut self.file {
            Some((file, _)) => {
                file.write_all(self.memory.get(start..).unwrap_or_default())?;
                self.memory.truncate(start);
            }
            // What comes from here on goes into the file.
            None if self.memory.len() >= IN_MEMORY => {
                let (file, named) = self.aside.file()?;
                self.file = Some((BufWriter::new(file), named));
            }
            None => {}
        }
        Ok(())
    }

    /// To read them.
    pub(crate) fn finish(self) -> Result<Reader> {
        let file = match self.file {
            Some((file, named)) => {
                let mut file = file
                    .into_inner()
                    .map_err(std::io::IntoInnerError::into_error)?;
                file.seek(SeekFrom::Start(0))?;
                Some((BufReader::new(file), named))
            }
            None => None,
        };
        Ok(Reader {
            columns: self.columns,
            memory: self.memory,
            read: 0,
            file,
            row: Vec::new(),
        })
    }
}

/// Hands the rows out again.
pub(crate) struct Reader {
    columns: usize,
    memory: Vec<u8>,
    read: usize,
    file: Option<(BufReader<File>, Option<PathBuf>)>,
    row: Vec<Stored>,
}

impl Reader {
    /// The next row; none is the end.
    pub(crate) fn next(&mut self) -> Result<Option<&[Stored]>> {
        self.row.clear();
        let mut memory = self.memory.get(self.read..).unwrap_or_default();
        if !memory.is_empty() {
            let before = memory.len();
            for _ in 0..self.columns {
                self.row.push(read_value(&mut memory)?);
            }
            self.read += before - memory.len();
            return Ok(Some(&self.row));
        }
        self.memory = Vec::new();
        self.read = 0;
        let Some((file, _)) = &mut self.file else {
            return Ok(None);
        };
        if std::io::BufRead::fill_buf(file)?.is_empty() {
            return Ok(None);
        }
        for _ in 0..self.columns {
            self.row.push(read_value(file)?);
        }
        Ok(Some(&self.row))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some((file, Some(path))) = self.file.take() {
            drop(file);
            // It is only in the way, and the next of that name replaces it.
            let _ = fs::remove_file(path);
        }
    }
}

fn write_value(value: ValueRef<'_>, out: &mut Vec<u8>) {
    let mut sized = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        out.extend_from_slice(bytes);
    };
    match value {
        ValueRef::Text(bytes) => sized(3, bytes),
        ValueRef::Blob(bytes) => sized(4, bytes),
        ValueRef::Null => out.push(0),
        ValueRef::Integer(number) => {
            out.push(1);
            out.extend_from_slice(&number.to_le_bytes());
        }
        ValueRef::Real(number) => {
            out.push(2);
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

fn read_value(input: &mut impl Read) -> Result<Stored> {
    let [tag] = read_array(input)?;
    Ok(match tag {
        0 => Stored::Null,
        1 => Stored::Integer(i64::from_le_bytes(read_array(input)?)),
        2 => Stored::Real(f64::from_le_bytes(read_array(input)?)),
        3 => Stored::Text(read_sized(input)?),
        4 => Stored::Blob(read_sized(input)?),
        _ => return Err(Error::backend("rows that were set aside have changed")),
    })
}

fn read_array<const N: usize>(input: &mut impl Read) -> Result<[u8; N]> {
    let mut array = [0; N];
    input.read_exact(&mut array)?;
    Ok(array)
}

fn read_sized(input: &mut impl Read) -> Result<Vec<u8>> {
    let size = u64::from_le_bytes(read_array(input)?);
    let mut bytes = Vec::new();
    input.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_from_memory_and_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let aside = Aside::beside(path.to_str().unwrap());
        let mut writer = Writer::new(&aside, 3);
        let text = "x".repeat(300);
        for number in 0..10_000_i64 {
            let row = [
                ValueRef::Integer(number),
                ValueRef::Text(text.as_bytes()),
                if number % 2 == 0 {
                    ValueRef::Null
                } else {
                    ValueRef::Real(0.5)
                },
            ];
            writer.push(row.into_iter()).unwrap();
        }
        assert!(writer.file.is_some());
        let mut reader = writer.finish().unwrap();
        for number in 0..10_000_i64 {
            let row = reader.next().unwrap().unwrap();
            assert!(
                matches!(row, [Stored::Integer(n), Stored::Text(t), _] if *n == number && t.len() == 300)
            );
        }
        assert!(reader.next().unwrap().is_none());
        drop(reader);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
