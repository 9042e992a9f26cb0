//! The adapters behind the ports of Bookshelf.

pub mod accounts;
pub mod answers;
pub mod api_keys;
pub mod books;
pub mod copy;
mod failure;
pub mod limits;
mod migration;
pub mod postgres;
mod schema;
pub mod sqlite;
pub mod system;

pub use migration::MigrationState;
