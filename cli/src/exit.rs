//! What the program's exit code says. Scripts rely on these: a number keeps its meaning.

/// Done.
pub const OK: u8 = 0;
/// It failed for a reason without a number of its own.
pub const FAILURE: u8 = 1;
/// The command line or `tenon.toml` is wrong.
pub const USAGE: u8 = 2;
/// There is no such record, model, data source or connector.
pub const NOT_FOUND: u8 = 3;
/// A grant or a consent is missing, or the backend refuses the credentials.
pub const DENIED: u8 = 4;
/// The backend can't be reached, is busy, or took too long: trying again may help.
pub const UNAVAILABLE: u8 = 5;
/// Records, a filter, a key or a connector are refused; of an import with `--on-error skip`, some of the lines.
pub const INVALID: u8 = 6;
/// Something of that key, or another change, is there already.
pub const CONFLICT: u8 = 7;
/// `migrate` shows, or has left, steps that were not applied.
pub const LEFT: u8 = 8;
/// Ctrl-C; what was confirmed by then stays. Shells use this number.
pub const INTERRUPTED: u8 = 130;

/// The codes as `--help` shows them.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  failed
  2  the command line or tenon.toml is wrong
  3  no such record, model, data source or connector
  4  denied: a grant or a consent is missing, or the backend refuses the credentials
  5  unavailable: the backend can't be reached, is busy, or took too long
  6  invalid: records, a filter, a key or a connector are refused, or lines were left out of an import
  7  conflict: such a record is there already, or another change got in between
  8  migrate: there are steps that are not applied
  130  stopped with Ctrl-C";
