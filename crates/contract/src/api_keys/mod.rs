//! The API keys: [`ApiKeyRepository`](bookshelf_domain::api_keys::ApiKeyRepository).
//!
//! The clauses also use `users`.

pub(crate) mod clauses;
mod contract;
mod durable;

use bookshelf_domain::Repositories;

use crate::macros::clauses;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Repositories> {
    crate::api_keys! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Repositories>>,
{
    contract().run(factory).await
}
