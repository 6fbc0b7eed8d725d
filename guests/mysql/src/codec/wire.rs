//! Rows as they come: in binary for what was prepared, as text for the rest.

use mysql_common::constants::{ColumnFlags, ColumnType as Type};
use tenon_sdk::Result;

use super::moment::{Moment, Span};
use crate::connection::{ColumnDefinition, Reader};
use crate::error;

/// How a result's rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Binary,
    Text,
}

/// A value as the protocol has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Raw<'a> {
    Null,
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    /// Text, bytes, decimals, bits, JSON and geometries.
    Bytes(&'a [u8]),
    Date(Moment),
    DateTime(Moment),
    Time(Span),
}

/// Reads a row, value by value.
///
/// # Errors
/// With the session lost, where the row isn't as its columns say; or `each`'s.
pub(crate) fn read_row<'a>(
    packet: &'a [u8],
    columns: &[ColumnDefinition],
    encoding: Encoding,
    mut each: impl FnMut(usize, &ColumnDefinition, Raw<'a>) -> Result<()>,
) -> Result<()> {
    /// Where the bits of a binary row begin, and what a null looks like in a row of text.
    const FIRST_BIT: usize = 2;
    const NULL: u8 = 0xfb;
    let mut reader = Reader::new(packet);
    let nulls = match encoding {
        Encoding::Binary => {
            reader.u8()?;
            reader.bytes((columns.len() + FIRST_BIT).div_ceil(8))?
        }
        Encoding::Text => &[],
    };
    for (place, column) in columns.iter().enumerate() {
        let raw = match encoding {
            Encoding::Binary => {
                let bit = place + FIRST_BIT;
                let byte = nulls.get(bit / 8).copied().unwrap_or_default();
                if byte >> (bit % 8) & 1 == 1 {
                    Raw::Null
                } else {
                    binary(&mut reader, column)?
                }
            }
            Encoding::Text if reader.peek() == Some(NULL) => {
                reader.u8()?;
                Raw::Null
            }
            Encoding::Text => text(reader.counted_bytes()?, column)?,
        };
        each(place, column, raw)?;
    }
    if reader.is_empty() {
        Ok(())
    } else {
        Err(error::out_of_step("a row has more than its columns"))
    }
}

fn is_unsigned(column: &ColumnDefinition) -> bool {
    column.flags.contains(ColumnFlags::UNSIGNED_FLAG)
}

fn binary<'a>(reader: &mut Reader<'a>, column: &ColumnDefinition) -> Result<Raw<'a>> {
    let unsigned = is_unsigned(column);
    Ok(match column.kind {
        Type::MYSQL_TYPE_NULL => Raw::Null,
        Type::MYSQL_TYPE_TINY => {
            let byte = reader.u8()?;
            if unsigned {
                Raw::Unsigned(byte.into())
            } else {
                Raw::Signed(byte.cast_signed().into())
            }
        }
        Type::MYSQL_TYPE_SHORT | Type::MYSQL_TYPE_YEAR => {
            let short = reader.u16()?;
            if unsigned {
                Raw::Unsigned(short.into())
            } else {
                Raw::Signed(short.cast_signed().into())
            }
        }
        Type::MYSQL_TYPE_LONG | Type::MYSQL_TYPE_INT24 => {
            let long = reader.u32()?;
            if unsigned {
                Raw::Unsigned(long.into())
            } else {
                Raw::Signed(long.cast_signed().into())
            }
        }
        Type::MYSQL_TYPE_LONGLONG => {
            let long = reader.u64()?;
            if unsigned {
                Raw::Unsigned(long)
            } else {
                Raw::Signed(long.cast_signed())
            }
        }
        Type::MYSQL_TYPE_FLOAT => Raw::Float(f32::from_le_bytes(reader.array()?).into()),
        Type::MYSQL_TYPE_DOUBLE => Raw::Float(f64::from_le_bytes(reader.array()?)),
        Type::MYSQL_TYPE_DATE | Type::MYSQL_TYPE_NEWDATE => Raw::Date(moment(reader)?),
        Type::MYSQL_TYPE_DATETIME | Type::MYSQL_TYPE_TIMESTAMP => Raw::DateTime(moment(reader)?),
        Type::MYSQL_TYPE_TIME => Raw::Time(span(reader)?),
        _ => Raw::Bytes(reader.counted_bytes()?),
    })
}

/// As many parts of a moment as aren't zero.
fn moment(reader: &mut Reader<'_>) -> Result<Moment> {
    let mut moment = Moment::default();
    let length = reader.u8()?;
    if !matches!(length, 0 | 4 | 7 | 11) {
        return Err(error::out_of_step("a moment has an impossible length"));
    }
    if length >= 4 {
        moment.year = reader.u16()?;
        moment.month = reader.u8()?;
        moment.day = reader.u8()?;
    }
    if length >= 7 {
        moment.hour = reader.u8()?;
        moment.minute = reader.u8()?;
        moment.second = reader.u8()?;
    }
    if length == 11 {
        moment.micros = reader.u32()?;
    }
    Ok(moment)
}

fn span(reader: &mut Reader<'_>) -> Result<Span> {
    let mut span = Span::default();
    let length = reader.u8()?;
    if !matches!(length, 0 | 8 | 12) {
        return Err(error::out_of_step("a time has an impossible length"));
    }
    if length >= 8 {
        span.negative = reader.u8()? != 0;
        let days = reader.u32()?;
        span.hours = days.saturating_mul(24).saturating_add(reader.u8()?.into());
        span.minutes = reader.u8()?;
        span.seconds = reader.u8()?;
    }
    if length == 12 {
        span.micros = reader.u32()?;
    }
    Ok(span)
}

fn text<'a>(bytes: &'a [u8], column: &ColumnDefinition) -> Result<Raw<'a>> {
    let raw = match column.kind {
        Type::MYSQL_TYPE_TINY
        | Type::MYSQL_TYPE_SHORT
        | Type::MYSQL_TYPE_YEAR
        | Type::MYSQL_TYPE_LONG
        | Type::MYSQL_TYPE_INT24
        | Type::MYSQL_TYPE_LONGLONG => {
            if is_unsigned(column) {
                parse(bytes).map(Raw::Unsigned)
            } else {
                parse(bytes).map(Raw::Signed)
            }
        }
        Type::MYSQL_TYPE_FLOAT | Type::MYSQL_TYPE_DOUBLE => parse(bytes).map(Raw::Float),
        Type::MYSQL_TYPE_DATE | Type::MYSQL_TYPE_NEWDATE => {
            as_text(bytes).and_then(Moment::parse).map(Raw::Date)
        }
        Type::MYSQL_TYPE_DATETIME | Type::MYSQL_TYPE_TIMESTAMP => {
            as_text(bytes).and_then(Moment::parse).map(Raw::DateTime)
        }
        Type::MYSQL_TYPE_TIME => as_text(bytes).and_then(Span::parse).map(Raw::Time),
        _ => Some(Raw::Bytes(bytes)),
    };
    raw.ok_or_else(|| error::out_of_step("a value isn't as its column says"))
}

fn as_text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn parse<T: std::str::FromStr>(bytes: &[u8]) -> Option<T> {
    as_text(bytes)?.parse().ok()
}
