use std::sync::Arc;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookFields, Year};
use bookshelf_domain::shelves::{
    MergeRemarks, Notes, ShelfBatch, ShelfFields, ShelfImportRow, ShelfRepository,
};
use bookshelf_domain::{Change, Clock, Fault, FaultCode, Faults};

use super::super::batch::Batch;
use super::super::dry_run::{DryRunRow, hash};
use super::super::outcome::{self, ImportOptions, ImportOutcome, RowError, RowOutcome};
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
    /// The remarks of each row of the batch, with its line.
    waiting: Vec<(u64, Faults)>,
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
        let (waiting, remarks) = (Vec::new(), Vec::new());
        Self { repository, clock, user, batch, waiting, remarked: 0, remarks }
    }

    /// Adds the next row. The faults of a rejected row, and the remarks of any other, are counted.
    pub async fn add(&mut self, row: HistoryRow) -> Result<(), Error> {
        let HistoryRow { line, reading, mut remarks } = row;
        match reading.and_then(|reading| self.check(reading, &mut remarks)) {
            Ok(checked) => {
                self.batch.add(line, checked);
                self.waiting.push((line, remarks));
            }
            Err(faults) => {
                self.batch.reject(line, faults);
                return Ok(());
            }
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
        // An invalid year does not reject the row: it is left out with a remark.
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
        let outcomes = self.batch.count(self.repository.import(self.user, batch).await?);
        for ((line, mut remarks), outcome) in self.waiting.drain(..).zip(outcomes) {
            remark_on_merge(&mut remarks, outcome);
            if !remarks.is_empty() {
                self.remarked += 1;
                outcome::list(&mut self.remarks, line, remarks);
            }
        }
        Ok(())
    }
}

/// Adds what a merge into an existing entry has lost.
fn remark_on_merge(remarks: &mut Faults, outcome: RowOutcome) {
    let (RowOutcome::Updated(merge) | RowOutcome::Skipped(merge)) = outcome else { return };
    for name in merge.left_out() {
        let sentence = "differs from the value on the shelf and was left out";
        remarks.add(name, Fault::new(FaultCode::LeftOut, sentence));
    }
    for name in merge.replaced() {
        let sentence = "replaces the value of an earlier reading";
        remarks.add(name, Fault::new(FaultCode::LeftOut, sentence));
    }
}

impl DryRunRow for ShelfImportRow {
    type State = ShelfFields;

    fn book(&self) -> &BookFields {
        &self.book
    }

    /// Keeps a hash of the notes. A merge only needs to know whether they are the same.
    fn state(&self) -> Self::State {
        let notes = self.fields.notes.as_ref();
        let notes = notes.map(|notes| Notes::stored(hash(notes).to_string()));
        ShelfFields { notes, ..self.fields.clone() }
    }

    fn update(&self, state: &Self::State) -> Self::State {
        state.merge(&self.state())
    }

    fn remarks(&self, state: &Self::State) -> MergeRemarks {
        state.merge_remarks(&self.state())
    }
}
