//! What every repository promises of an [`IdempotencyKey`](bookshelf_domain::IdempotencyKey), and
//! [`IdempotencyRepository`](bookshelf_domain::IdempotencyRepository).
//!
//! The clauses use all repositories but `sessions`.

mod clauses;
mod contract;
mod durable;

use bookshelf_domain::Repositories;

use crate::macros::clauses;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Repositories> {
    crate::idempotency! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Repositories>>,
{
    contract().run(factory).await
}
