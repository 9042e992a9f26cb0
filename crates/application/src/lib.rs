//! The use cases of Bookshelf: one struct per feature, holding the ports it needs.
//!
//! The signature of a use case says who may call it: [`Reader`], [`Writer`], [`AdminReader`],
//! [`AdminWriter`], [`Owner`], [`Operator`], or none of them for everybody. Only the check of
//! credentials makes them.

pub mod accounts;
pub mod api_keys;
pub mod books;
mod caller;
pub mod covers;
mod error;
mod idempotency;
pub mod shelves;
#[cfg(test)]
mod tests;
pub mod transfer;
mod use_cases;

pub use caller::{AdminReader, AdminWriter, Caller, Operator, Owner, Principal, Reader, Writer};
pub use error::{Error, TokenFault};
pub use idempotency::{IdempotencyKeys, idempotency_key};
pub use use_cases::UseCases;
