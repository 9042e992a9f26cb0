use std::error::Error as StdError;

use bookshelf_domain::StoreError;
use diesel::result::{DatabaseErrorKind, Error};

/// The messages of SQLite (`sqlite3_errstr`) after which trying again later, or freeing space, can
/// help.
const TRANSIENT: [&str; 8] = [
    "database is locked",
    "database table is locked",
    "database schema is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "locking protocol",
    // A slow read that took too long, or that nobody waits for any more.
    "interrupted",
];

pub(super) fn store_error(error: Error) -> StoreError {
    transient(&error).unwrap_or_else(|| StoreError::unexpected(error))
}

/// Converts an error that several commands share.
pub(super) fn shared_store_error(error: &Error) -> StoreError {
    transient(error).unwrap_or_else(|| StoreError::unexpected(error.to_string()))
}

/// Converts errors that wrap those of Diesel, for example those of migrations.
pub(super) fn boxed_store_error(error: Box<dyn StdError + Send + Sync>) -> StoreError {
    match transient_text(&error.to_string()) {
        Some(text) => StoreError::Unavailable(text),
        None => StoreError::Unexpected(error),
    }
}

fn transient(error: &Error) -> Option<StoreError> {
    match error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            transient_text(information.message()).map(StoreError::Unavailable)
        }
        Error::RollbackErrorOnCommit { commit_error, .. } => transient(commit_error),
        _ => None,
    }
}

fn transient_text(message: &str) -> Option<String> {
    TRANSIENT
        .iter()
        .find(|text| message.contains(*text))
        .map(|text| format!("SQLite reports \"{text}\""))
}
