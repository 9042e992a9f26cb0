use chrono::{DateTime, Utc};

/// A moment in UTC, to the microsecond.
pub type Timestamp = DateTime<Utc>;

/// The only source of the current time.
///
/// `now` MUST be cut to whole microseconds, the precision of the databases.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}
