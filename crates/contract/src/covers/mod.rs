//! The store of covers: [`CoverStore`].

mod clauses;
mod contract;
mod durable;

use std::sync::Arc;

use bookshelf_domain::covers::CoverStore;

use crate::macros::clauses;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Arc<dyn CoverStore>> {
    crate::covers! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Arc<dyn CoverStore>>>,
{
    contract().run(factory).await
}
