//! Adapters of Bookshelf's ports.

pub mod system;
