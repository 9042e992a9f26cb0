//! Rate limits: how many requests are allowed in a window of time.

mod quota;
mod rate_limiter;

pub use quota::Quota;
#[cfg(feature = "mocks")]
pub use rate_limiter::MockRateLimiter;
pub use rate_limiter::{RateLimiter, Spent};
