//! Limits: how much of something somebody may do in a time.

mod quota;
mod rate_limiter;

pub use quota::Quota;
#[cfg(feature = "mocks")]
pub use rate_limiter::MockRateLimiter;
pub use rate_limiter::{RateLimiter, Spent};
