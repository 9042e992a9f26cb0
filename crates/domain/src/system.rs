use chrono::{DateTime, Utc};

/// A moment in UTC, to the microsecond.
pub type Timestamp = DateTime<Utc>;

/// The only source of the current time.
///
/// `now` MUST be cut to whole microseconds, the precision of the databases.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}

/// The only source of randomness.
///
/// `fill` MUST fill the whole slice from a cryptographically secure generator.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Random: Send + Sync {
    /// Fills the slice with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}
