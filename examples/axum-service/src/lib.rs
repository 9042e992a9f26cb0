//! A small service on axum that reuses the domain and the use cases of Bookshelf. Its limiter is an
//! adapter of its own, which `tests/limiter.rs` checks against the contract of the port. The other
//! adapters are those in memory.

mod limiter;
mod routes;

use std::sync::Arc;

use axum::Router;
use bookshelf_application::accounts::{Accounts, SessionLimits};
use bookshelf_application::books::Books;
use bookshelf_application::{AccessRules, UseCases};
use bookshelf_domain::Clock;
use bookshelf_domain::limits::Quota;
use bookshelf_memory::{Memory, MemoryAccessTokens, PlainPasswords, SeededRandom, TickingClock};
use chrono::TimeDelta;

pub use limiter::WindowLimiter;

/// What the handlers need.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) books: Books,
    pub(crate) accounts: Accounts,
    pub(crate) limiter: Arc<WindowLimiter>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How many books a user may add.
    pub(crate) quota: Quota,
}

/// The routes of the service over an empty catalogue.
pub fn service(quota: Quota) -> Router {
    let clock: Arc<dyn Clock> = Arc::new(TickingClock::starting_at("2026-01-31T12:00:00Z"));
    let random = Arc::new(SeededRandom::new(1));
    let repositories = Memory::new().repositories();
    let use_cases = UseCases::new(repositories, clock.clone(), random, AccessRules::default());
    let limits = SessionLimits {
        access_token: TimeDelta::hours(1),
        refresh_idle: TimeDelta::days(7),
        refresh_total: TimeDelta::days(30),
        reuse_grace: TimeDelta::seconds(10),
    };
    let (hasher, tokens) = (Arc::new(PlainPasswords::new()), Arc::new(MemoryAccessTokens::new()));
    routes::routes().with_state(Service {
        books: use_cases.books(),
        accounts: use_cases.accounts(hasher, tokens, limits),
        limiter: Arc::new(WindowLimiter::new(10_000)),
        clock,
        quota,
    })
}
