//! What can be done with Bookshelf: one struct per feature, holding the ports it needs.
//!
//! Who may do a thing stands in its signature: [`Actor`], [`Owner`], [`Admin`], or none of them for
//! everybody.

pub mod accounts;
mod actor;
pub mod books;
mod error;
pub mod transfer;

pub use actor::{Actor, Admin, Owner};
pub use error::{Error, TokenFault};
