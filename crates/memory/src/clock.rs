use std::sync::atomic::{AtomicI64, Ordering};

use bookshelf_domain::{Clock, Timestamp};
use chrono::{DateTime, TimeDelta};

/// A clock that stands still until it is set.
///
/// ```
/// use bookshelf_domain::Clock;
/// use bookshelf_memory::FixedClock;
/// use chrono::TimeDelta;
///
/// let clock = FixedClock::at("2026-11-21T06:00:00Z");
/// let before = clock.now();
/// clock.advance(TimeDelta::hours(1));
/// assert_eq!(clock.now() - before, TimeDelta::hours(1));
/// ```
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows this moment, cut to microseconds.
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.timestamp_micros()))
    }

    /// A clock that shows this moment, as RFC 3339 writes it.
    ///
    /// # Panics
    ///
    /// If the text is not a moment.
    #[track_caller]
    pub fn at(now: &str) -> Self {
        Self::new(moment(now))
    }

    /// Shows another moment from now on, which may be an earlier one.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves the clock by this much.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(micros(by), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A clock that goes on by one step whenever somebody looks at it, so no two events have the same
/// time.
///
/// ```
/// use bookshelf_domain::Clock;
/// use bookshelf_memory::TickingClock;
///
/// let clock = TickingClock::starting_at("2026-11-21T06:00:00Z");
/// assert_eq!((clock.now().to_string(), clock.now().to_string()),
///     ("2026-11-21 06:00:00 UTC".to_owned(), "2026-11-21 06:00:01 UTC".to_owned()));
/// ```
#[derive(Debug)]
pub struct TickingClock {
    next: AtomicI64,
    step: i64,
}

impl TickingClock {
    /// A clock that shows this moment first, and goes on by `step`.
    pub fn new(first: Timestamp, step: TimeDelta) -> Self {
        Self { next: AtomicI64::new(first.timestamp_micros()), step: micros(step) }
    }

    /// A clock that shows this moment first, as RFC 3339 writes it, and goes on by a second.
    ///
    /// # Panics
    ///
    /// If the text is not a moment.
    #[track_caller]
    pub fn starting_at(first: &str) -> Self {
        Self::new(moment(first), TimeDelta::seconds(1))
    }
}

impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        from_micros(self.next.fetch_add(self.step, Ordering::SeqCst))
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a test that cannot go on should stop")]
pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text:?} is not a moment: {error}"))
}

/// Saturates after 292,000 years.
fn micros(time: TimeDelta) -> i64 {
    time.num_microseconds().unwrap_or(i64::MAX)
}

fn from_micros(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or(Timestamp::MAX_UTC)
}
