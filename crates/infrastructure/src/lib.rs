//! The adapters behind the ports of Bookshelf.

mod schema;
pub mod sqlite;
