//! The adapters behind the ports of Bookshelf.

pub mod accounts;
pub mod books;
mod schema;
pub mod sqlite;
pub mod system;
