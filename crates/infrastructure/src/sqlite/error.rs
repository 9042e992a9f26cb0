use std::error::Error as StdError;

use bookshelf_domain::StoreError;
use diesel::result::{DatabaseErrorKind, Error};

/// The message of SQLite (`sqlite3_errstr`) when the disk is full.
const FULL: &str = "database or disk is full";

/// Messages after which trying again later can help.
const TRANSIENT: [&str; 8] = [
    "database is locked",
    "database table is locked",
    "database schema is locked",
    "disk I/O error",
    // The file system became read-only, or the file belongs to another user.
    "attempt to write a readonly database",
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
    transient_text(&error.to_string()).unwrap_or(StoreError::Unexpected(error))
}

fn transient(error: &Error) -> Option<StoreError> {
    match error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            transient_text(information.message())
        }
        Error::RollbackErrorOnCommit { commit_error, .. } => transient(commit_error),
        _ => None,
    }
}

fn transient_text(message: &str) -> Option<StoreError> {
    let report = |text: &str| format!("SQLite reports \"{text}\"");
    if message.contains(FULL) {
        return Some(StoreError::Full(report(FULL)));
    }
    let found = TRANSIENT.iter().find(|text| message.contains(*text));
    found.map(|text| StoreError::Unavailable(report(text)))
}
