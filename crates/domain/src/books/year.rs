use chrono::Datelike;

use crate::{Fault, FaultCode, Timestamp};

/// A year of publication in the proleptic Gregorian calendar as ISO 8601 numbers it: 0 is 1 BC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Year(i32);

impl Year {
    /// The earliest year that is accepted, 3001 BC in astronomical numbering.
    pub const EARLIEST: i32 = -3000;
    /// How many years in the future an announced book may appear.
    pub const YEARS_AHEAD: i32 = 5;

    /// Checks a year: from [`Self::EARLIEST`] to [`Self::YEARS_AHEAD`] after the year of `now`.
    pub fn new(year: i64, now: Timestamp) -> Result<Self, Fault> {
        let latest = now.year() + Self::YEARS_AHEAD;
        match i32::try_from(year) {
            Ok(year) if (Self::EARLIEST..=latest).contains(&year) => Ok(Self(year)),
            _ => Err(Fault::new(
                FaultCode::OutOfRange,
                format!("must be between {} and {latest}", Self::EARLIEST),
            )),
        }
    }

    /// A year that comes from storage, where it was checked when it was written.
    pub const fn stored(year: i32) -> Self {
        Self(year)
    }

    /// Returns the year in astronomical numbering, in which 0 is 1 BC (ISO 8601).
    pub const fn get(self) -> i32 {
        self.0
    }
}
