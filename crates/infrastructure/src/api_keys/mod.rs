//! API keys.

mod rows;
mod sqlite;

pub use sqlite::SqliteApiKeyRepository;
