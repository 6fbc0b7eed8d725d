//! What the server's errors mean to a caller.
//!
//! The code is the SQLSTATE, whose first two characters are its class:
//! <https://www.postgresql.org/docs/current/errcodes-appendix.html>.

use std::io;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;
use tenon_sdk::{Aftermath, Error, ErrorKind};

/// An error of the server's, as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerError {
    severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    detail: String,
    hint: String,
    column: String,
    constraint: String,
    table: String,
}

impl ServerError {
    /// Reads an error's fields. A broken one ends what is read: the server is not to be believed about itself either.
    pub(crate) fn read(mut fields: ErrorFields<'_>) -> Self {
        let mut error = Self::default();
        let mut localized = String::new();
        while let Ok(Some(field)) = fields.next() {
            let place = match field.type_() {
                b'V' => &mut error.severity,
                b'S' => &mut localized,
                b'C' => &mut error.code,
                b'M' => &mut error.message,
                b'D' => &mut error.detail,
                b'H' => &mut error.hint,
                b'c' => &mut error.column,
                b'n' => &mut error.constraint,
                b't' => &mut error.table,
                _ => continue,
            };
            *place = String::from_utf8_lossy(field.value_bytes()).into_owned();
        }
        if error.severity.is_empty() {
            error.severity = localized;
        }
        error
    }

    /// Whether the server has ended the session with it.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }

    /// As a caller is told of it.
    pub(crate) fn into_error(self) -> Error {
        let mut message = self.message;
        for more in [&self.detail, &self.hint] {
            if !more.is_empty() {
                message = format!("{message}: {}", more.trim_end_matches('.'));
            }
        }
        let mut error = Error::new(kind(&self.code), message);
        let column = match key_columns(&self.code, &self.detail) {
            Some(columns) => columns,
            None => self.column,
        };
        for (name, value) in [
            ("property", column),
            ("constraint", self.constraint),
            ("table", self.table),
        ] {
            if !value.is_empty() {
                error = error.detail(name, value);
            }
        }
        error.code = Some(self.code);
        error
    }
}

fn kind(code: &str) -> ErrorKind {
    match code {
        "23505" => ErrorKind::Duplicate,
        "40001" | "40P01" | "55P03" => ErrorKind::Conflict,
        // An undefined table, database or schema.
        "42P01" | "3D000" | "3F000" => ErrorKind::NotFound,
        "42501" | "42939" => ErrorKind::Denied,
        // Stopped: by the statement's time, or by someone who may.
        "57014" => ErrorKind::Timeout,
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => ErrorKind::Unavailable,
        // A transaction that was idle, or open, for too long.
        "25P03" | "25P04" => ErrorKind::Timeout,
        "25006" => ErrorKind::Invalid,
        _ => match code.get(..2).unwrap_or_default() {
            "23" => ErrorKind::Constraint,
            "40" => ErrorKind::Conflict,
            "28" => ErrorKind::Denied,
            "08" => ErrorKind::Unavailable,
            "53" => ErrorKind::Exhausted,
            "0A" | "21" | "22" | "2B" | "34" | "42" | "44" | "54" => ErrorKind::Invalid,
            _ => ErrorKind::Backend,
        },
    }
}

/// The columns of a key that is taken, from `Key (a, b)=(1, 2) already exists.`, in whichever language that is.
fn key_columns(code: &str, detail: &str) -> Option<String> {
    if code != "23505" {
        return None;
    }
    let (_, rest) = detail.split_once('(')?;
    let (columns, _) = rest.split_once(")=(")?;
    // Of an expression or several columns there is no one property.
    let is_plain = !columns.contains(['(', ',', ':']);
    is_plain.then(|| columns.trim_matches('"').replace("\"\"", "\""))
}

/// The connection is gone, or what came over it makes no sense.
pub(crate) fn lost(error: &io::Error) -> Error {
    let reason = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the server has closed it".to_owned(),
        _ => error.to_string(),
    };
    let kind = match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => ErrorKind::Backend,
        _ => ErrorKind::Unavailable,
    };
    session_lost(Error::new(
        kind,
        format!("the connection is lost: {reason}"),
    ))
}

/// The server doesn't keep to the protocol.
pub(crate) fn out_of_step(what: &str) -> Error {
    session_lost(Error::backend(format!(
        "the server's answer is out of step with the protocol: {what}"
    )))
}

pub(crate) fn session_lost(mut error: Error) -> Error {
    error.aftermath = Aftermath::SessionLost;
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, detail: &str) -> Error {
        ServerError {
            code: code.to_owned(),
            message: "no".to_owned(),
            detail: detail.to_owned(),
            constraint: "people_email_key".to_owned(),
            ..ServerError::default()
        }
        .into_error()
    }

    #[test]
    fn codes_have_their_kinds() {
        for (code, kind) in [
            ("23505", ErrorKind::Duplicate),
            ("23503", ErrorKind::Constraint),
            ("23514", ErrorKind::Constraint),
            ("40001", ErrorKind::Conflict),
            ("40P01", ErrorKind::Conflict),
            ("28P01", ErrorKind::Denied),
            ("42501", ErrorKind::Denied),
            ("57P01", ErrorKind::Unavailable),
            ("08006", ErrorKind::Unavailable),
            ("53300", ErrorKind::Exhausted),
            ("57014", ErrorKind::Timeout),
            ("42P01", ErrorKind::NotFound),
            ("22003", ErrorKind::Invalid),
            ("42601", ErrorKind::Invalid),
            ("XX000", ErrorKind::Backend),
            ("", ErrorKind::Backend),
        ] {
            let error = error(code, "");
            assert_eq!(error.kind, kind, "{code}");
            assert_eq!(error.code.as_deref(), Some(code));
        }
    }

    #[test]
    fn a_duplicate_names_its_constraint_and_its_one_property() {
        let property = |detail| {
            let error = error("23505", detail).into_contract();
            assert_eq!(error.detail("constraint"), Some("people_email_key"));
            error.detail("property").map(str::to_owned)
        };
        assert_eq!(
            property("Key (email)=(a) already exists.").unwrap(),
            "email"
        );
        let german = "Schlüssel »(\"E-Mail\")=(a)« existiert bereits.";
        assert_eq!(property(german).unwrap(), "E-Mail");
        assert_eq!(property("Key (a, b)=(1, 2) already exists."), None);
        assert_eq!(property("Key (lower(a))=(1) already exists."), None);
        assert_eq!(property(""), None);
    }
}
