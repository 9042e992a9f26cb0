//! API keys.

mod postgres;
mod rows;
mod sqlite;

pub use postgres::PostgresApiKeyRepository;
pub use sqlite::SqliteApiKeyRepository;
