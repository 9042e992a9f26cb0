//! Adapters of Bookshelf's ports.

pub mod accounts;
pub mod system;
