//! Errors, as a fault tells them.

use tenon_sdk::{Aftermath, Effect, Error, ErrorKind};

use crate::fault::{Fault, Planted};
use crate::settings::Settings;

/// The error that is told.
pub(crate) fn told(planted: Planted, settings: &Settings, mut error: Error) -> Error {
    let Some(fault) = planted.0 else {
        return error;
    };
    if error.kind == ErrorKind::Duplicate {
        match fault {
            Fault::DuplicateIsAConstraint => error.kind = ErrorKind::Constraint,
            Fault::DuplicateIsABackendError => error.kind = ErrorKind::Backend,
            Fault::DuplicateLosesTheSession => error.aftermath = Aftermath::SessionLost,
            Fault::DuplicateLeavesAnUnknownEffect => error.effect = Effect::Unknown,
            _ => {}
        }
    }
    if error.kind == ErrorKind::NotFound && fault == Fault::MissingRecordIsInvalid {
        error.kind = ErrorKind::Invalid;
    }
    if let (Fault::SecretIsTold, Some(token)) = (fault, &settings.token) {
        error.message = format!("{} (with the token {})", error.message, token.reveal());
    }
    error
}
