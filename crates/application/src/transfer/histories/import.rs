use std::sync::Arc;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookFields, Year};
use bookshelf_domain::shelves::{Notes, ShelfBatch, ShelfFields, ShelfImportRow, ShelfRepository};
use bookshelf_domain::{Change, Clock, Fault, FaultCode, Faults};

use super::super::batch::Batch;
use super::super::dry_run::DryRunRow;
use super::super::outcome::{self, ImportOptions, ImportOutcome, RowError};
use super::reading_builder::Reading;
use super::rows::HistoryRow;
use crate::Error;

/// The report of an import of a reading history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryOutcome {
    pub rows: ImportOutcome,
    /// How many of the accepted rows have remarks.
    pub remarked: u64,
    /// The remarks of these rows, up to the number that a report lists.
    pub remarks: Vec<RowError>,
}

/// A running import of a reading history into a user's shelf.
pub struct HistoryImport {
    repository: Arc<dyn ShelfRepository>,
    clock: Arc<dyn Clock>,
    user: UserId,
    batch: Batch<ShelfImportRow>,
    remarked: u64,
    remarks: Vec<RowError>,
}

impl HistoryImport {
    pub(super) fn new(
        repository: Arc<dyn ShelfRepository>,
        clock: Arc<dyn Clock>,
        user: UserId,
        options: ImportOptions,
    ) -> Self {
        let batch = Batch::new(options);
        Self { repository, clock, user, batch, remarked: 0, remarks: Vec::new() }
    }

    /// Adds the next row. The faults of a rejected row, and the remarks of any other, are counted.
    pub async fn add(&mut self, row: HistoryRow) -> Result<(), Error> {
        let HistoryRow { line, reading, mut remarks } = row;
        match reading.and_then(|reading| self.check(reading, &mut remarks)) {
            Ok(checked) => self.batch.add(line, checked),
            Err(faults) => {
                self.batch.reject(line, faults);
                return Ok(());
            }
        }
        if !remarks.is_empty() {
            self.remarked += 1;
            outcome::list(&mut self.remarks, line, remarks);
        }
        if self.batch.is_full() {
            self.write().await?;
        }
        Ok(())
    }

    /// Writes the rows that still wait.
    pub async fn finish(mut self) -> Result<HistoryOutcome, Error> {
        self.write().await?;
        let Self { batch, remarked, remarks, .. } = self;
        Ok(HistoryOutcome { rows: batch.outcome, remarked, remarks })
    }

    fn check(&self, reading: Reading, remarks: &mut Faults) -> Result<ShelfImportRow, Faults> {
        let now = self.clock.now();
        let Reading { mut book, fields, added_at } = reading;
        // The year is not worth the rest of the row.
        if let Change::Set(year) = book.year
            && let Err(fault) = Year::new(year, now)
        {
            let sentence = format!("{fault} and was left out");
            remarks.add("year", Fault::new(FaultCode::LeftOut, sentence));
            book.year = Change::Keep;
        }
        let book = book.into_fields(now)?;
        Ok(ShelfImportRow { book, fields, added_at: added_at.map(|at| at.min(now)) })
    }

    async fn write(&mut self) -> Result<(), Error> {
        let Some(rows) = self.batch.take() else { return Ok(()) };
        let ImportOptions { on_conflict, dry_run } = self.batch.options;
        let batch = ShelfBatch { rows, on_conflict, dry_run, at: self.clock.now() };
        self.batch.count(self.repository.import(self.user, batch).await?);
        Ok(())
    }
}

impl DryRunRow for ShelfImportRow {
    type State = ShelfFields;

    fn book(&self) -> &BookFields {
        &self.book
    }

    /// Keeps the shortest notes instead of any. A merge only needs to know whether there are some.
    fn state(&self) -> Self::State {
        let notes = self.fields.notes.as_ref().and_then(|_| Notes::parse("x").ok());
        ShelfFields { notes, ..self.fields.clone() }
    }

    fn update(&self, state: &Self::State) -> Self::State {
        state.merge(&self.state())
    }
}
