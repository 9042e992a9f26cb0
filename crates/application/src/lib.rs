#![doc = include_str!("../README.md")]

mod access_rules;
pub mod accounts;
pub mod api_keys;
pub mod books;
mod caller;
pub mod covers;
mod error;
mod idempotency;
pub mod invites;
mod mac;
pub mod shelves;
#[cfg(test)]
mod tests;
pub mod transfer;
mod use_cases;

pub use access_rules::{AccessRules, CatalogueWrites, RegistrationMode};
pub use caller::{
    AdminReader, AdminWriter, Caller, CatalogueWriter, Operator, Owner, Principal, Reader, Writer,
};
pub use error::{Error, TokenFault};
pub use idempotency::{IdempotencyKeys, idempotency_key};
pub use use_cases::UseCases;
