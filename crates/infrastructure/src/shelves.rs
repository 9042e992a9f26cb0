//! The rows of the table of shelf entries.

use std::collections::BTreeMap;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookId, RatingSummary};
use bookshelf_domain::shelves::{
    Notes, Rating, ReadingDate, ReadingStatus, ShelfEntry, ShelfEntryId, ShelfFields, ShelfStats,
    YearCount,
};
use bookshelf_domain::{Fault, StoreError, Timestamp, Version};
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use crate::accounts::rows::timestamp;
use crate::books::row::BookRow;
use crate::schema::shelf_entries;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shelf_entries)]
pub(crate) struct EntryRow {
    id: i64,
    user_id: i64,
    status: String,
    rating: Option<i32>,
    notes: Option<String>,
    started_on: Option<i32>,
    finished_on: Option<i32>,
    version: i64,
    added_at: i64,
    updated_at: i64,
}

/// An entry with its book.
#[derive(Debug, Clone, Queryable, Selectable)]
pub(crate) struct ShelfEntryRow {
    #[diesel(embed)]
    entry: EntryRow,
    #[diesel(embed)]
    book: BookRow,
}

impl TryFrom<ShelfEntryRow> for ShelfEntry {
    type Error = StoreError;

    /// The fields were checked when they were written, so they are not checked again.
    fn try_from(row: ShelfEntryRow) -> Result<Self, StoreError> {
        let ShelfEntryRow { entry, book } = row;
        Ok(Self {
            id: ShelfEntryId::new(entry.id),
            user_id: UserId::new(entry.user_id),
            book: book.into_book()?,
            fields: ShelfFields {
                status: entry.status.parse().map_err(StoreError::unexpected)?,
                rating: entry.rating.map(rating).transpose()?,
                notes: entry.notes.map(Notes::stored),
                started_on: entry.started_on.map(day).transpose()?,
                finished_on: entry.finished_on.map(day).transpose()?,
            },
            version: Version::new(entry.version),
            added_at: timestamp(entry.added_at)?,
            updated_at: timestamp(entry.updated_at)?,
        })
    }
}

fn rating(stars: i32) -> Result<Rating, StoreError> {
    u8::try_from(stars).map(Rating::stored).map_err(StoreError::unexpected)
}

pub(crate) fn entries(rows: Vec<ShelfEntryRow>) -> Result<Vec<ShelfEntry>, StoreError> {
    rows.into_iter().map(ShelfEntry::try_from).collect()
}

fn day(days: i32) -> Result<ReadingDate, StoreError> {
    NaiveDate::from_epoch_days(days)
        .map(ReadingDate::new)
        .ok_or_else(|| StoreError::unexpected(format!("day {days} is not in the calendar")))
}

/// The fields of an entry that its user writes.
#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = shelf_entries, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct FieldsRow {
    status: &'static str,
    rating: Option<i32>,
    notes: Option<String>,
    started_on: Option<i32>,
    finished_on: Option<i32>,
}

impl From<ShelfFields> for FieldsRow {
    fn from(fields: ShelfFields) -> Self {
        let days = |day: ReadingDate| day.get().to_epoch_days();
        Self {
            status: fields.status.as_str(),
            rating: fields.rating.map(|rating| rating.get().into()),
            notes: fields.notes.map(Notes::into_string),
            started_on: fields.started_on.map(days),
            finished_on: fields.finished_on.map(days),
        }
    }
}

/// An entry to add.
#[derive(Debug, Insertable)]
#[diesel(table_name = shelf_entries, treat_none_as_default_value = false)]
pub(crate) struct NewShelfEntryRow {
    user_id: i64,
    book_id: i64,
    #[diesel(embed)]
    fields: FieldsRow,
    version: i64,
    added_at: i64,
    updated_at: i64,
}

impl NewShelfEntryRow {
    pub(crate) const fn user_id(&self) -> UserId {
        UserId::new(self.user_id)
    }

    pub(crate) const fn book_id(&self) -> BookId {
        BookId::new(self.book_id)
    }

    pub(crate) fn new(
        user_id: UserId,
        book_id: BookId,
        fields: ShelfFields,
        added_at: Timestamp,
        at: Timestamp,
    ) -> Self {
        let (added_at, updated_at) = (added_at.timestamp_micros(), at.timestamp_micros());
        Self {
            user_id: user_id.get(),
            book_id: book_id.get(),
            fields: fields.into(),
            version: Version::FIRST.get(),
            added_at,
            updated_at,
        }
    }
}

/// A changed entry.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = shelf_entries)]
pub(crate) struct ChangedShelfEntryRow {
    #[diesel(embed)]
    fields: FieldsRow,
    version: i64,
    updated_at: i64,
}

impl From<&ShelfEntry> for ChangedShelfEntryRow {
    fn from(entry: &ShelfEntry) -> Self {
        Self {
            fields: entry.fields.clone().into(),
            version: entry.version.get(),
            updated_at: entry.updated_at.timestamp_micros(),
        }
    }
}

/// The counts of a shelf: entries by status, read entries by their last day, ratings.
pub(crate) struct Counted {
    pub(crate) by_status: Vec<(String, i64)>,
    pub(crate) finished_by_day: Vec<(Option<i32>, i64)>,
    pub(crate) rating_sum: i64,
    pub(crate) rating_count: i64,
}

impl TryFrom<Counted> for ShelfStats {
    type Error = StoreError;

    fn try_from(counted: Counted) -> Result<Self, StoreError> {
        let by_status = counted.by_status.into_iter();
        let by_status: Result<BTreeMap<ReadingStatus, u64>, Fault> =
            by_status.map(|(status, count)| Ok((status.parse()?, count.unsigned_abs()))).collect();
        let mut years = BTreeMap::<i32, u64>::new();
        for (days, count) in counted.finished_by_day {
            if let Some(days) = days {
                let year = day(days)?.get().year();
                *years.entry(year).or_default() += count.unsigned_abs();
            }
        }
        Ok(Self {
            by_status: by_status.map_err(StoreError::unexpected)?.into_iter().collect(),
            finished_by_year: years
                .into_iter()
                .rev()
                .map(|(year, count)| YearCount { year, count })
                .collect(),
            rating: RatingSummary { sum: counted.rating_sum, count: counted.rating_count },
        })
    }
}
