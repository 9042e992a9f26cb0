//! The adapters behind the ports of Bookshelf.

pub mod accounts;
pub mod answers;
pub mod api_keys;
mod background;
pub mod books;
pub mod copy;
pub mod covers;
mod failure;
pub mod limits;
mod migration;
mod paging;
pub mod postgres;
mod repositories;
mod schema;
pub mod shelves;

pub mod sqlite;
pub mod system;

pub use migration::MigrationState;
