//! The adapters behind the ports of Bookshelf.

pub mod books;
mod schema;
pub mod sqlite;
