use async_trait::async_trait;

use crate::limits::Quota;
use crate::{StoreError, Timestamp};

/// What is left of a quota after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Whether the request was within the quota.
    pub allowed: bool,
    pub remaining: u32,
    /// Whole seconds, rounded up, until the quota is whole again; for a refused request also how
    /// long to wait until one will be allowed.
    pub reset_seconds: u32,
}

/// Counts requests by key in fixed windows that begin with the first request.
///
/// - Under any concurrency, and over every instance that shares the counts, exactly
///   `quota.requests` requests of a key MUST be allowed in a window.
/// - A refused request MUST NOT prolong the window.
/// - What is kept MUST be bounded, whatever keys come.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RateLimiter: Send + Sync {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError>;
}
