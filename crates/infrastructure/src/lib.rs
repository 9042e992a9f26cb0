//! The adapters behind the ports of Bookshelf.

pub mod accounts;
mod schema;
pub mod sqlite;
pub mod system;
