use bookshelf_domain::StoreError;
use diesel::result::{DatabaseErrorKind, Error};

/// The messages of PostgreSQL after which trying again in a moment can help. The driver keeps the
/// text of an error and not its code. A server that uses another language and refuses to change it
/// (`lc_messages`) has other texts, so these errors count as unexpected.
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
            // `ReadOnlyTransaction`: the server was the primary and is now a replica.
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction => Some(report(information.message())),
            _ => transient_text(information.message()),
        },
        Error::BrokenTransactionManager => Some("the connection to PostgreSQL was lost".into()),
        Error::RollbackErrorOnCommit { commit_error, .. } => transient(commit_error),
        _ => None,
    }
}

/// Recognises errors that wrap those of Diesel, for example those of migrations.
pub(super) fn transient_text(message: &str) -> Option<String> {
    TRANSIENT.iter().any(|text| message.contains(text)).then(|| report(message))
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
