//! The adapters behind the ports of Bookshelf.

pub mod accounts;
mod api_keys;
mod background;
pub mod backup;
pub mod books;
pub mod copy;
pub mod covers;
mod failure;
mod invites;
pub mod limits;
mod metrics;
mod outage;
mod paging;
pub mod postgres;
mod row_lock;
mod schema;
mod sealing;
mod shelves;
mod sql;
pub mod sqlite;
pub mod system;
pub mod verify;

pub use outage::Outage;

/// How the schema of a database compares with the one that this program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// No migration is applied yet.
    New,
    /// Migrations are pending, or stored forms of texts are those of another version.
    Older,
    Current,
    /// A later version of this program has applied migrations that this one does not know.
    Newer,
}

impl SchemaState {
    /// Compares the versions of the applied migrations with those that this program knows.
    fn of(applied: &[String], known: &[String]) -> Self {
        if applied.iter().any(|version| !known.contains(version)) {
            Self::Newer
        } else if known.iter().all(|version| applied.contains(version)) {
            Self::Current
        } else if applied.is_empty() {
            Self::New
        } else {
            Self::Older
        }
    }
}

/// A migration that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    pub name: String,
    pub applied: bool,
}
