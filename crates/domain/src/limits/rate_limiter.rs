use async_trait::async_trait;

use crate::limits::Quota;
use crate::{StoreError, Timestamp};

/// What is left of a quota after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Whether the request was within the quota.
    pub allowed: bool,
    pub remaining: u32,
    /// Whole seconds, rounded up, until the window ends and the full quota is available again.
    pub reset_seconds: u32,
}

/// Counts requests by key in fixed windows that begin with the first request.
///
/// - Under any concurrency, and across all instances that share the counts, exactly
///   `quota.requests` requests of a key MUST be allowed in a window.
/// - A refused request MUST NOT prolong the window.
/// - The memory that is used MUST be bounded, however many keys there are.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RateLimiter: Send + Sync {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError>;
}
