use bookshelf_domain::StoreError;
use diesel::result::{DatabaseErrorKind, Error};

/// A part of the messages of PostgreSQL when its disk is full.
const FULL: &str = "No space left on device";

/// The messages of PostgreSQL after which trying again in a moment can help. The driver keeps the
/// text of an error and not its code. A server that uses another language and refuses to change it
/// (`lc_messages`) has other texts, so these errors count as unexpected.
const TRANSIENT: [&str; 8] = [
    "canceling statement due to",
    "terminating connection",
    "the database system is",
    "deadlock detected",
    "connection slots",
    "too many clients",
    "out of memory",
    "out of shared memory",
];

pub(super) fn store_error(error: Error) -> StoreError {
    transient(&error).unwrap_or_else(|| StoreError::unexpected(error))
}

fn transient(error: &Error) -> Option<StoreError> {
    match error {
        Error::DatabaseError(kind, information) => match kind {
            // `ReadOnlyTransaction`: the server was the primary and is now a replica.
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction => {
                Some(StoreError::Unavailable(report(information.message())))
            }
            _ => transient_text(information.message()),
        },
        Error::BrokenTransactionManager => {
            Some(StoreError::Unavailable("the connection to PostgreSQL was lost".into()))
        }
        Error::RollbackErrorOnCommit { commit_error, .. } => transient(commit_error),
        _ => None,
    }
}

/// Recognises errors that wrap those of Diesel, for example those of migrations.
pub(super) fn transient_text(message: &str) -> Option<StoreError> {
    if message.contains(FULL) {
        return Some(StoreError::Full(report(message)));
    }
    let is_transient = TRANSIENT.iter().any(|text| message.contains(text));
    is_transient.then(|| StoreError::Unavailable(report(message)))
}

fn report(message: &str) -> String {
    format!("PostgreSQL reports \"{message}\"")
}

/// Whether the error leaves its connection unusable.
pub(super) fn ends_connection(error: &Error) -> bool {
    match error {
        Error::DatabaseError(kind, information) => {
            matches!(
                kind,
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection
            ) || information.message().starts_with("terminating connection")
        }
        Error::BrokenTransactionManager => true,
        _ => false,
    }
}
