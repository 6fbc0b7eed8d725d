//! What the server answers: it is done, it failed, or here are columns.

use mysql_common::constants::{ColumnFlags, ColumnType, StatusFlags};
use tenon_sdk::{Error, ErrorKind, Result};

use super::reader::Reader;
use crate::error::{self, ServerError};

/// First bytes of packets.
pub(crate) const OK: u8 = 0x00;
pub(crate) const FILE_WANTED: u8 = 0xfb;
pub(crate) const EOF: u8 = 0xfe;
pub(crate) const ERROR: u8 = 0xff;

/// The most columns of a result: the server's own limit.
const MOST_COLUMNS: u64 = 4_096;

/// A statement is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) affected: u64,
    pub(crate) last_id: u64,
    pub(crate) status: StatusFlags,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnDefinition {
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
    pub(crate) flags: ColumnFlags,
    /// The collation's number; [`BINARY`] for what isn't text.
    pub(crate) collation: u16,
    /// The most characters, as the server would show it.
    pub(crate) length: u32,
    /// Digits behind the point.
    pub(crate) decimals: u8,
    /// MariaDB says that a text is JSON.
    pub(crate) is_json: bool,
}

/// The collation of bytes.
pub(crate) const BINARY: u16 = 63;

/// Reads `OK`.
pub(crate) fn done(packet: &[u8]) -> Result<Done> {
    let mut reader = Reader::new(packet);
    reader.u8()?;
    let affected = reader.counted()?;
    let last_id = reader.counted()?;
    let status = StatusFlags::from_bits_retain(reader.u16()?);
    Ok(Done {
        affected,
        last_id,
        status,
    })
}

/// Reads what ends rows: `EOF`, or an `OK` in its clothes.
pub(crate) fn end_of_rows(packet: &[u8], deprecate_eof: bool) -> Result<Done> {
    if deprecate_eof {
        return done(packet);
    }
    let mut reader = Reader::new(packet);
    reader.u8()?;
    reader.u16()?;
    let status = StatusFlags::from_bits_retain(reader.u16()?);
    Ok(Done {
        status,
        ..Done::default()
    })
}

/// Reads an error.
pub(crate) fn server_error(packet: &[u8]) -> Result<ServerError> {
    let mut reader = Reader::new(packet);
    reader.u8()?;
    let number = reader.u16()?;
    // Before it knows the client, the server leaves the state out.
    let sqlstate = match reader.peek() {
        Some(b'#') => {
            let state: [u8; 6] = reader.array()?;
            String::from_utf8_lossy(&state)
                .trim_start_matches('#')
                .to_owned()
        }
        _ => String::new(),
    };
    let message = String::from_utf8_lossy(reader.rest()).into_owned();
    Ok(ServerError {
        number,
        sqlstate,
        message,
    })
}

/// The error that a packet is, as the connector reports it.
pub(crate) fn failure(packet: &[u8]) -> Error {
    server_error(packet).map_or_else(|broken| broken, Error::from)
}

/// Reads how many columns come.
pub(crate) fn column_count(packet: &[u8]) -> Result<usize> {
    let mut reader = Reader::new(packet);
    let count = reader.counted()?;
    if count == 0 || count > MOST_COLUMNS || !reader.is_empty() {
        return Err(error::out_of_step(
            "a result has an impossible number of columns",
        ));
    }
    usize::try_from(count).map_err(|_| error::out_of_step("a result has too many columns"))
}

/// Reads a column; its name only where it is asked for. `extended` is MariaDB's longer form.
pub(crate) fn column(packet: &[u8], named: bool, extended: bool) -> Result<ColumnDefinition> {
    /// What the extended form calls a text that is JSON: its kind is 1, `format`.
    const FORMAT: u8 = 1;
    let mut reader = Reader::new(packet);
    // The catalogue, the database, the table's alias and the table.
    for _ in 0..4 {
        reader.counted_bytes()?;
    }
    let name = reader.counted_bytes()?;
    reader.counted_bytes()?;
    let mut is_json = false;
    if extended {
        let mut more = Reader::new(reader.counted_bytes()?);
        while !more.is_empty() {
            let kind = more.u8()?;
            let value = more.counted_bytes()?;
            is_json |= kind == FORMAT && value == b"json";
        }
    }
    let mut fixed = Reader::new(reader.counted_bytes()?);
    let collation = fixed.u16()?;
    let length = fixed.u32()?;
    let kind = fixed.u8()?;
    let flags = ColumnFlags::from_bits_retain(fixed.u16()?);
    let decimals = fixed.u8()?;
    let kind = ColumnType::try_from(kind)
        .map_err(|_| error::out_of_step(&format!("a column has the unknown type {kind}")))?;
    Ok(ColumnDefinition {
        name: if named {
            String::from_utf8_lossy(name).into_owned()
        } else {
            String::new()
        },
        kind,
        flags,
        collation,
        length,
        decimals,
        is_json,
    })
}

/// The server wants a file of the client's, which it never gets.
pub(crate) fn file_refused() -> Error {
    let mut error = error::out_of_step("it asks for a local file, which no server gets");
    error.kind = ErrorKind::Denied;
    error
}

#[cfg(test)]
mod tests {
    use tenon_sdk::Aftermath;

    use super::*;

    #[test]
    fn an_error_has_a_state_once_the_client_is_known() {
        let error = server_error(b"\xff\x26\x04#23000Duplicate entry").unwrap();
        assert_eq!((error.number, error.sqlstate.as_str()), (1062, "23000"));
        let early = server_error(b"\xff\x10\x04Too many connections").unwrap();
        assert_eq!((early.number, early.sqlstate.as_str()), (1040, ""));
        assert_eq!(early.message, "Too many connections");
    }

    #[test]
    fn an_impossible_number_of_columns_ends_the_session() {
        for packet in [
            &[0xfe, 255, 255, 255, 255, 255, 255, 255, 255][..],
            &[0],
            &[1, 1],
        ] {
            let error = column_count(packet).unwrap_err();
            assert_eq!(error.aftermath, Aftermath::SessionLost);
        }
    }

    #[test]
    fn a_column_that_is_cut_short_is_an_error() {
        let whole =
            b"\x03def\x00\x00\x00\x01n\x00\x0c\x21\x00\x0a\x00\x00\x00\x03\x01\x00\x00\x00\x00";
        let read = column(whole, true, false).unwrap();
        assert_eq!(
            (read.name.as_str(), read.kind),
            ("n", ColumnType::MYSQL_TYPE_LONG)
        );
        for length in 0..whole.len() - 1 {
            let part = whole.get(..length).unwrap();
            assert!(column(part, true, false).is_err(), "{length}");
        }
    }
}
