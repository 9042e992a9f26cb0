//! What can be done with Bookshelf: one struct per feature, holding the ports it needs.
//!
//! Who may do a thing stands in its signature: [`Actor`], [`Owner`], [`Admin`], or none of them for
//! everybody.

pub mod accounts;
mod actor;
pub mod api_keys;
pub mod books;
pub mod covers;
mod error;
mod retry;
pub mod shelves;
pub mod transfer;
mod use_cases;

pub use actor::{Actor, Admin, Owner, Via};
pub use error::{Error, TokenFault};
pub use retry::{Retriable, Retries, Retry};
pub use use_cases::UseCases;
