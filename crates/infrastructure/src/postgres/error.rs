use bookshelf_domain::StoreError;
use diesel::result::{DatabaseErrorKind, Error};

/// What PostgreSQL says when it is worth trying again in a moment. The driver keeps the text of an
/// error and not its code; where a server speaks another language and does not let us choose
/// (`lc_messages`), these are told as unexpected.
const TRANSIENT: [&str; 9] = [
    "canceling statement due to",
    "terminating connection",
    "the database system is",
    "deadlock detected",
    "connection slots",
    "too many clients",
    "No space left on device",
    "out of memory",
    "out of shared memory",
];

pub(super) fn store_error(error: Error) -> StoreError {
    transient(&error).map_or_else(|| StoreError::unexpected(error), StoreError::Unavailable)
}

fn transient(error: &Error) -> Option<String> {
    match error {
        Error::DatabaseError(kind, information) => match kind {
            // The last of them: what was a primary server takes no writes any more.
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction => Some(said(information.message())),
            _ => transient_text(information.message()),
        },
        Error::BrokenTransactionManager => Some("the connection to PostgreSQL was lost".into()),
        Error::RollbackErrorOnCommit { commit_error, .. } => transient(commit_error),
        _ => None,
    }
}

/// For errors that wrap those of Diesel, such as those of migrations.
pub(super) fn transient_text(message: &str) -> Option<String> {
    TRANSIENT.iter().any(|text| message.contains(text)).then(|| said(message))
}

fn said(message: &str) -> String {
    format!("PostgreSQL says \"{message}\"")
}

/// Whether the connection that the error came from is of no use any more.
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
