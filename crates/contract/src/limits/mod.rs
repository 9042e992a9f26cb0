//! The rate limits: [`RateLimiter`].
//!
//! The clauses give the limiter times of their own, beginning in 2027. A limiter that goes by
//! another clock keeps them too, because they take less than a second but for one, which waits.

mod clauses;
mod contract;

use std::sync::Arc;

use bookshelf_domain::limits::RateLimiter;

use crate::macros::clauses;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Arc<dyn RateLimiter>> {
    crate::limits! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Arc<dyn RateLimiter>>>,
{
    contract().run(factory).await
}
