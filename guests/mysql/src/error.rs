//! What the server's errors mean.
//!
//! A statement that fails has changed nothing, as InnoDB sees to, and leaves its transaction as it was; the errors that
//! say otherwise are named here. The numbers are those of MySQL's and MariaDB's lists of errors, whose first two
//! thousand the two share.

use std::io;

use tenon_sdk::{Aftermath, Effect, Error, ErrorKind};

/// An error as the server reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerError {
    /// The server's number for it.
    pub(crate) number: u16,
    /// Five characters, where the server tells them.
    pub(crate) sqlstate: String,
    pub(crate) message: String,
}

/// A deadlock: the server has rolled the whole transaction back.
pub(crate) const DEADLOCK: u16 = 1213;

/// The statement was interrupted by `KILL QUERY`.
pub(crate) const INTERRUPTED: u16 = 1317;

/// The statement can't be prepared.
pub(crate) const NOT_PREPARABLE: u16 = 1295;

/// The server knows no such statement: it was forgotten.
pub(crate) const UNKNOWN_STATEMENT: u16 = 1243;

/// The statement has to be prepared anew, since its tables have changed.
pub(crate) const STALE_STATEMENT: u16 = 1615;

impl From<ServerError> for Error {
    fn from(server: ServerError) -> Self {
        let (kind, aftermath) = meaning(server.number, &server.sqlstate);
        let mut error = Self::new(kind, server.message.clone());
        error.code = Some(server.number.to_string());
        error.aftermath = aftermath;
        if !server.sqlstate.is_empty() {
            error = error.detail("sqlstate", &server.sqlstate);
        }
        for (name, value) in details(&server) {
            error = error.detail(name, value);
        }
        error
    }
}

/// What an error is, and what is left of the session.
fn meaning(number: u16, sqlstate: &str) -> (ErrorKind, Aftermath) {
    use Aftermath::{SessionLost, TransactionLost, Usable};
    match number {
        1062 | 1169 | 1557 | 1586 => (ErrorKind::Duplicate, Usable),
        1048 | 1216 | 1217 | 1364 | 1451 | 1452 | 1761 | 1762 | 3819 | 4025 => {
            (ErrorKind::Constraint, Usable)
        }
        // InnoDB rolls back the statement only, unless `innodb_rollback_on_timeout` is set.
        1205 | 1907 | 3572 => (ErrorKind::Timeout, Usable),
        DEADLOCK | 1614 => (ErrorKind::Conflict, TransactionLost),
        1020 => (ErrorKind::Conflict, Usable),
        1028 | INTERRUPTED | 1969 | 3024 => (ErrorKind::Timeout, Usable),
        1044 | 1045 | 1129 | 1130 | 1142 | 1143 | 1227 | 1290 | 1370 | 1396 | 1410 | 1449
        | 1698 | 1820 | 1836 | 1862 | 3118 | 3159 | 3879 | 4151 => (ErrorKind::Denied, Usable),
        1040 | 1203 | 1226 => (ErrorKind::Exhausted, SessionLost),
        1021 | 1037 | 1038 | 1041 | 1114 | 1135 | 1206 | 1297 | 1461 | 3636 => {
            (ErrorKind::Exhausted, Usable)
        }
        1053 | 1077 | 1079 | 1080 | 1158..=1161 | 1184 | 1927 | 2006 | 2013 | 3169 | 4031 => {
            (ErrorKind::Unavailable, SessionLost)
        }
        // The server hangs up after a message that it finds too large.
        1153 => (ErrorKind::Invalid, SessionLost),
        1049 | 1051 | 1109 | 1146 | 1305 => (ErrorKind::NotFound, Usable),
        1235 | NOT_PREPARABLE => (ErrorKind::Unsupported, Usable),
        1054
        | 1064
        | 1118
        | 1166
        | 1170
        | 1210
        | 1264
        | 1265
        | 1269
        | 1292
        | 1300
        | 1365
        | 1366
        | 1367
        | 1406
        | 1411
        | 1416
        | 1425
        | 1426
        | 1427
        | 1525
        | 1690
        | 1792
        | 1901
        | 1906
        | 3140..=3158
        | 3105
        | 3106
        | 4078 => (ErrorKind::Invalid, Usable),
        _ => (of_class(sqlstate), Usable),
    }
}

/// What SQL's classes of errors tell.
fn of_class(sqlstate: &str) -> ErrorKind {
    match sqlstate.get(..2) {
        Some("08") => ErrorKind::Unavailable,
        Some("21" | "22" | "42") => ErrorKind::Invalid,
        Some("23") => ErrorKind::Constraint,
        Some("25") => ErrorKind::Invalid,
        Some("28") => ErrorKind::Denied,
        Some("40") => ErrorKind::Conflict,
        _ => ErrorKind::Backend,
    }
}

/// What a message tells beyond its number: the broken key or rule, and the column.
fn details(error: &ServerError) -> Vec<(&'static str, String)> {
    let message = &error.message;
    let detail = match error.number {
        // "Duplicate entry '1' for key 'PRIMARY'", in MySQL 8 'orders.PRIMARY'.
        1062 | 1586 => message.rsplit_once(" for key '").map(|(_, key)| {
            let key = key.trim_end_matches('\'');
            let key = key.rsplit_once('.').map_or(key, |(_, key)| key);
            ("constraint", key.to_owned())
        }),
        // "… fails (`db`.`table`, CONSTRAINT `name` FOREIGN KEY …".
        1451 | 1452 | 4025 => {
            between(message, "CONSTRAINT `", "`").map(|name| ("constraint", name))
        }
        3819 => between(message, "constraint '", "'").map(|name| ("constraint", name)),
        1048 => between(message, "Column '", "'").map(|name| ("property", name)),
        1364 => between(message, "Field '", "'").map(|name| ("property", name)),
        1054 => between(message, "column '", "'").map(|name| ("property", name)),
        1264 | 1265 | 1366 | 1406 => {
            between(message, "for column ", " at row").map(|name| ("property", column_of(&name)))
        }
        _ => None,
    };
    detail.into_iter().collect()
}

/// The column's own name, of `'name'` or MariaDB's `` `db`.`table`.`name` ``.
fn column_of(name: &str) -> String {
    let name = name.trim_matches(['\'', '`']);
    let own = name.rsplit_once("`.`").map_or(name, |(_, own)| own);
    own.to_owned()
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    let (found, _) = rest.split_once(after)?;
    Some(found.to_owned())
}

/// The connection is gone.
pub(crate) fn gone(error: &io::Error) -> Error {
    let mut lost = Error::unavailable(format!("the connection to the server is gone: {error}"));
    lost.aftermath = Aftermath::SessionLost;
    lost
}

/// The server answers what the protocol doesn't have.
pub(crate) fn out_of_step(reason: &str) -> Error {
    let mut error = Error::backend(format!(
        "the server and the connector are out of step: {reason}"
    ));
    error.aftermath = Aftermath::SessionLost;
    error
}

/// The time is over, and the session with it.
pub(crate) fn late(message: &str) -> Error {
    let mut error = Error::new(ErrorKind::Timeout, message);
    error.aftermath = Aftermath::SessionLost;
    error
}

/// The same error of a call that writes: where the session is lost, nobody knows what became of it.
pub(crate) fn of_a_write(mut error: Error) -> Error {
    if error.aftermath == Aftermath::SessionLost && error.code.is_none() {
        error.effect = Effect::Unknown;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(number: u16, sqlstate: &str, message: &str) -> Error {
        Error::from(ServerError {
            number,
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
        })
    }

    fn detail<'a>(error: &'a Error, name: &str) -> Option<&'a str> {
        let mut details = error.details.iter();
        details
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    #[test]
    fn a_duplicate_tells_the_key_in_both_servers_words() {
        for message in [
            "Duplicate entry '1' for key 'orders.by_number'",
            "Duplicate entry 'a for key 'b' for key 'by_number'",
        ] {
            let error = error(1062, "23000", message);
            assert_eq!(error.kind, ErrorKind::Duplicate);
            assert_eq!(error.code.as_deref(), Some("1062"));
            assert_eq!(detail(&error, "constraint"), Some("by_number"));
            assert_eq!(detail(&error, "sqlstate"), Some("23000"));
        }
    }

    #[test]
    fn broken_rules_tell_their_names() {
        let message = "Cannot add or update a child row: a foreign key constraint fails (`shop`.`lines`, CONSTRAINT \
                       `lines_order` FOREIGN KEY (`order`) REFERENCES `orders` (`id`))";
        assert_eq!(
            detail(&error(1452, "23000", message), "constraint"),
            Some("lines_order")
        );
        let message = "CONSTRAINT `positive` failed for `shop`.`lines`";
        assert_eq!(
            detail(&error(4025, "23000", message), "constraint"),
            Some("positive")
        );
        let message = "Check constraint 'positive' is violated.";
        let checked = error(3819, "HY000", message);
        assert_eq!(checked.kind, ErrorKind::Constraint);
        assert_eq!(detail(&checked, "constraint"), Some("positive"));
        let message = "Data too long for column 'name' at row 1";
        let long = error(1406, "22001", message);
        assert_eq!(long.kind, ErrorKind::Invalid);
        assert_eq!(detail(&long, "property"), Some("name"));
        let message = "Incorrect integer value: 'x' for column `shop`.`lines`.`amount` at row 1";
        assert_eq!(
            detail(&error(1366, "22007", message), "property"),
            Some("amount")
        );
    }

    #[test]
    fn what_is_left_of_the_session_is_told() {
        let after = |number| error(number, "HY000", "").aftermath;
        assert_eq!(after(1213), Aftermath::TransactionLost);
        assert_eq!(after(1205), Aftermath::Usable);
        assert_eq!(after(1927), Aftermath::SessionLost);
        assert_eq!(after(1040), Aftermath::SessionLost);
    }

    #[test]
    fn an_unknown_number_is_told_by_its_class() {
        assert_eq!(error(9999, "22999", "").kind, ErrorKind::Invalid);
        assert_eq!(error(9999, "HY000", "").kind, ErrorKind::Backend);
        assert_eq!(error(9999, "", "").kind, ErrorKind::Backend);
    }
}
