//! Shelves: their repositories, and the rows of their table.

use std::collections::BTreeMap;

use bookshelf_domain::books::{BookId, RatingSummary};
use bookshelf_domain::shelves::{
    Notes, Rating, ReadingDate, ReadingStatus, ShelfEntry, ShelfFields, ShelfStats, YearCount,
};
use bookshelf_domain::{Fault, StoreError, Timestamp};
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use crate::accounts::rows::timestamp;
use crate::books::row::BookRow;
use crate::schema::shelf_entries;

pub use crate::postgres::adapters::shelves::ShelfAdapter as PostgresShelfRepository;
pub use crate::sqlite::adapters::shelves::ShelfAdapter as SqliteShelfRepository;

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

    fn try_from(row: ShelfEntryRow) -> Result<Self, StoreError> {
        let ShelfEntryRow { entry, book } = row;
        let fields = entry.fields().map_err(|fault| {
            StoreError::unexpected(format!("shelf entry {}: {fault}", entry.id))
        })?;
        Ok(Self {
            id: entry.id,
            user_id: entry.user_id,
            book: book.into_book()?,
            fields,
            version: entry.version,
            added_at: timestamp(entry.added_at)?,
            updated_at: timestamp(entry.updated_at)?,
        })
    }
}

impl EntryRow {
    /// Reads what is written by the rules of the domain.
    fn fields(&self) -> Result<ShelfFields, Fault> {
        Ok(ShelfFields {
            status: self.status.parse()?,
            rating: self.rating.map(|stars| Rating::new(stars.into())).transpose()?,
            notes: self.notes.as_deref().map(Notes::parse).transpose()?,
            started_on: self.started_on.map(day).transpose()?,
            finished_on: self.finished_on.map(day).transpose()?,
        })
    }
}

pub(crate) fn entries(rows: Vec<ShelfEntryRow>) -> Result<Vec<ShelfEntry>, StoreError> {
    rows.into_iter().map(ShelfEntry::try_from).collect()
}

fn day(days: i32) -> Result<ReadingDate, Fault> {
    NaiveDate::from_epoch_days(days)
        .map(ReadingDate::new)
        .ok_or_else(|| Fault::new("has a day beyond the calendar"))
}

/// All of an entry that its reader writes.
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

/// An entry about to be added.
#[derive(Debug, Insertable)]
#[diesel(table_name = shelf_entries, treat_none_as_default_value = false)]
pub(crate) struct NewShelfEntryRow {
    pub(crate) user_id: i64,
    pub(crate) book_id: i64,
    #[diesel(embed)]
    fields: FieldsRow,
    version: i64,
    added_at: i64,
    updated_at: i64,
}

impl NewShelfEntryRow {
    pub(crate) fn new(
        user_id: i64,
        book_id: BookId,
        fields: ShelfFields,
        added_at: Timestamp,
        at: Timestamp,
    ) -> Self {
        let (added_at, updated_at) = (added_at.timestamp_micros(), at.timestamp_micros());
        Self { user_id, book_id, fields: fields.into(), version: 1, added_at, updated_at }
    }
}

/// An entry changed.
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
            version: entry.version,
            updated_at: entry.updated_at.timestamp_micros(),
        }
    }
}

/// What the database counted: entries by status, read ones by their last day, ratings.
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
                let year = day(days).map_err(StoreError::unexpected)?.get().year();
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
