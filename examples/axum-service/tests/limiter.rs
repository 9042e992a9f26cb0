//! The adapter of the service under the contract of its port.

use std::sync::Arc;

use axum_service::WindowLimiter;
use bookshelf_contract::Fixture;
use bookshelf_domain::limits::RateLimiter;

async fn limiter() -> Fixture<Arc<dyn RateLimiter>> {
    Fixture::new(Arc::new(WindowLimiter::new(1_000)))
}

bookshelf_contract::tests!(
    #[tokio::test]
    limits,
    limiter
);
