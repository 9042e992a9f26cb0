//! Rate limits: how many requests are allowed in a window of time.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use async_trait::async_trait;

use crate::{Fault, FaultCode, StoreError, Timestamp};

/// How many requests are allowed in a window of time.
///
/// ```
/// use bookshelf_domain::limits::Quota;
///
/// let quota: Quota = "5/minute".parse()?;
/// assert_eq!((quota.requests.get(), quota.window_seconds.get()), (5, 60));
/// # Ok::<(), bookshelf_domain::Fault>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many requests are allowed in a window.
    pub requests: NonZeroU32,
    /// The length of the window, in seconds.
    pub window_seconds: NonZeroU32,
}

/// The units of a window, in seconds.
const UNITS: [(&str, u32); 4] =
    [("second", 1), ("minute", 60), ("hour", 60 * 60), ("day", 24 * 60 * 60)];

impl FromStr for Quota {
    type Err = Fault;

    /// Reads `5/minute`: a number, and `second`, `minute`, `hour` or `day`.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let fault = || {
            Fault::new(
                FaultCode::InvalidFormat,
                "must look like 5/minute (or /second, /hour, /day)",
            )
        };
        let (requests, unit) = text.trim().split_once('/').ok_or_else(fault)?;
        let (_, seconds) =
            UNITS.into_iter().find(|(name, _)| *name == unit.trim()).ok_or_else(fault)?;
        Ok(Self {
            requests: requests.trim().parse().map_err(|_| fault())?,
            window_seconds: NonZeroU32::new(seconds).ok_or_else(fault)?,
        })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, window_seconds } = self;
        match UNITS.into_iter().find(|(_, seconds)| *seconds == window_seconds.get()) {
            Some((name, _)) => write!(f, "{requests}/{name}"),
            None => write!(f, "{requests}/{window_seconds} seconds"),
        }
    }
}

/// The state of a quota after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Whether the request was within the quota.
    pub allowed: bool,
    /// How many requests the client has left in this window.
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
    /// Counts one request of the client `key` at `now`.
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError>;

    /// Takes an allowed request back, so that another one is allowed in its window.
    ///
    /// MUST do nothing when no request of the key is counted (any more), and MUST NOT prolong the
    /// window.
    async fn refund(&self, key: &str, quota: Quota, now: Timestamp) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::Quota;

    #[test]
    fn a_quota_reads_what_it_writes() {
        for text in ["5/minute", "600/hour", "1/second", "9/day"] {
            assert_eq!(text.parse::<Quota>().unwrap().to_string(), text);
        }
        for text in ["", "5", "0/minute", "-1/minute", "5/fortnight", "off", "5/minute/2"] {
            assert!(text.parse::<Quota>().is_err(), "{text}");
        }
    }
}
