//! The repositories: every statement that both databases understand.
//!
//! This folder is compiled twice, as a module of `crate::sqlite` and of `crate::postgres`, each
//! time with the `dialect` and the `plans` beside it. Diesel checks every statement for the backend
//! it is compiled for, without a bound in a signature. `#[derive(MultiConnection)]` could make one
//! module of the two once it knows asynchronous connections; the statements would stay as they are.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod books;
pub(crate) mod conditions;
mod dry_run;
pub(crate) mod idempotency;
pub(crate) mod migrations;
pub(crate) mod shelves;

#[cfg(test)]
use super::tests::support;
use super::{dialect, plans};
