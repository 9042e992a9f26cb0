use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::accounts::UserId;
use crate::books::{Book, RatingSummary};
use crate::shelves::{Rating, ReadingStatus};
use crate::{Change, Fault, FaultCode, Faults, Id, Prose, Timestamp, Version};

/// The id of a shelf entry.
pub type ShelfEntryId = Id<ShelfEntry>;
/// The notes of a reader, 1 to 10,000 characters.
pub type Notes = Prose<10_000>;

/// The day on which a reading began or ended, as a full-date of RFC 3339: `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReadingDate(NaiveDate);

impl ReadingDate {
    /// Takes a day. Whether it is too late depends on the clock, which the draft checks.
    pub const fn new(date: NaiveDate) -> Self {
        Self(date)
    }

    /// Returns the day.
    pub const fn get(self) -> NaiveDate {
        self.0
    }
}

impl FromStr for ReadingDate {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = is_shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        date.flatten()
            .map(Self)
            .ok_or_else(|| Fault::new(FaultCode::InvalidFormat, "must be a day as YYYY-MM-DD"))
    }
}

impl fmt::Display for ReadingDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A book on a user's shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ShelfEntry {
    /// The id.
    pub id: ShelfEntryId,
    /// The user whose shelf it is.
    pub user_id: UserId,
    /// The book, as the catalogue has it.
    pub book: Book,
    /// What the reader says.
    pub fields: ShelfFields,
    /// The version, which every change of the entry increments.
    pub version: Version,
    /// The time at which the book was put on the shelf.
    pub added_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl ShelfEntry {
    /// The largest number of entries on one shelf, far more than a person reads. With it, requests that
    /// read or delete a whole shelf take a bounded time.
    pub const MAX: u64 = 100_000;
}

/// The fields of an entry that its user writes, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ShelfFields {
    /// How far the reader is.
    pub status: ReadingStatus,
    /// The rating, which also counts in the catalogue.
    pub rating: Option<Rating>,
    /// The notes, which only the reader sees.
    pub notes: Option<Notes>,
    /// The first day of reading.
    pub started_on: Option<ReadingDate>,
    /// The last day of reading.
    pub finished_on: Option<ReadingDate>,
}

impl ShelfFields {
    /// Checks that the end is not before the start.
    pub fn check(&self) -> Result<(), Faults> {
        match (self.started_on, self.finished_on) {
            (Some(start), Some(end)) => {
                check_days(start, end).map_err(|fault| fault.of("finished_on"))
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn check_days(start: ReadingDate, end: ReadingDate) -> Result<(), Fault> {
    if end < start {
        return Err(Fault::new(FaultCode::Conflict, "must not be before started_on"));
    }
    Ok(())
}

/// A change of some fields, each of which is valid on its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShelfPatch {
    /// The new reading status, if it changes.
    pub status: Option<ReadingStatus>,
    /// The rating.
    pub rating: Change<Rating>,
    /// The notes.
    pub notes: Change<Notes>,
    /// The first day of reading.
    pub started_on: Change<ReadingDate>,
    /// The last day of reading.
    pub finished_on: Change<ReadingDate>,
}

impl ShelfPatch {
    /// The fields after the change, or a fault if two of them contradict each other.
    pub fn apply(self, to: &ShelfFields) -> Result<ShelfFields, Faults> {
        // Destructured, so that the compiler asks for a field that is added later.
        let Self { status, rating, notes, started_on, finished_on } = self;
        let mut fields = to.clone();
        fields.status = status.unwrap_or(fields.status);
        rating.apply(&mut fields.rating);
        notes.apply(&mut fields.notes);
        started_on.apply(&mut fields.started_on);
        finished_on.apply(&mut fields.finished_on);
        fields.check()?;
        Ok(fields)
    }
}

/// The patch after which an entry has exactly these fields.
impl From<ShelfFields> for ShelfPatch {
    fn from(fields: ShelfFields) -> Self {
        Self {
            status: Some(fields.status),
            rating: fields.rating.into(),
            notes: fields.notes.into(),
            started_on: fields.started_on.into(),
            finished_on: fields.finished_on.into(),
        }
    }
}

/// The statistics of a shelf.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShelfStats {
    /// The number of entries by status, in the order of the statuses. A status without entries is
    /// left out.
    pub by_status: Vec<(ReadingStatus, u64)>,
    /// Entries with the status `read` by the year of their `finished_on`, the latest first.
    pub finished_by_year: Vec<YearCount>,
    /// The user's own ratings.
    pub rating: RatingSummary,
}

impl ShelfStats {
    /// The number of entries with this status.
    pub fn with_status(&self, status: ReadingStatus) -> u64 {
        self.by_status.iter().filter(|(its, _)| *its == status).map(|(_, count)| count).sum()
    }

    /// Returns the number of all entries.
    pub fn total(&self) -> u64 {
        self.by_status.iter().map(|(_, count)| count).sum()
    }
}

/// The books that were finished in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearCount {
    /// The year.
    pub year: i32,
    /// The number of books.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_ten_characters_and_is_in_the_calendar() {
        for good in ["2024-02-29", " 2026-11-21 ", "0001-01-01"] {
            assert_eq!(good.parse::<ReadingDate>().unwrap().to_string(), good.trim());
        }
        for bad in [
            "",
            "2026-2-1",
            "2026- 2- 1",
            "2023-02-29",
            "2026-13-01",
            "2026/11/21",
            "+026-11-21",
            "20261121",
            "2026-11-21T00:00:00Z",
            "-001-01-01",
        ] {
            assert!(bad.parse::<ReadingDate>().is_err(), "{bad}");
        }
    }
}
