use std::collections::HashMap;
use std::sync::Arc;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookFields, Year};
use bookshelf_domain::shelves::{
    MergeRemarks, Notes, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfFields, ShelfImportRow,
    ShelfRepository, WhenUnknown,
};
use bookshelf_domain::{Change, Clock, Fault, FaultCode, Faults};

use super::super::batch::Batch;
use super::super::dry_run::{DryRunRow, hash};
use super::super::limits::BATCH_ENTRIES;
use super::super::outcome::{
    self, ImportOptions, ImportOutcome, ReportedRow, RowError, RowOutcome,
};
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
    when_unknown: WhenUnknown,
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
        when_unknown: WhenUnknown,
        options: ImportOptions,
    ) -> Self {
        let batch = Batch::new(options, BATCH_ENTRIES);
        let (waiting, remarks) = (Vec::new(), Vec::new());
        Self { repository, clock, user, when_unknown, batch, waiting, remarked: 0, remarks }
    }

    /// Adds the next row. The faults of a rejected row, and the remarks of any other, are counted.
    ///
    /// After an error the import has ended.
    pub async fn add(&mut self, row: HistoryRow) -> Result<(), Error> {
        let HistoryRow { line, reading, mut remarks } = row;
        match reading.and_then(|reading| self.check(reading, &mut remarks)) {
            Ok(checked) => {
                self.batch.add(line, checked);
                self.waiting.push((line, outcome::shortened(remarks)));
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
    pub async fn finish(&mut self) -> Result<(), Error> {
        self.write().await
    }

    /// The report of the rows that were rejected or written. After an error it leaves out the batch
    /// that failed, of which nothing was written.
    pub fn into_outcome(self) -> HistoryOutcome {
        let Self { batch, remarked, remarks, .. } = self;
        HistoryOutcome { rows: batch.outcome, remarked, remarks }
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
        let (when_unknown, at) = (self.when_unknown, self.clock.now());
        // The repository does not see the entries that earlier batches of a dry run would have added.
        let added = if dry_run { self.batch.outcome.created } else { 0 };
        let most = ShelfEntry::MAX.saturating_sub(added);
        let batch = ShelfBatch { rows, on_conflict, when_unknown, most, dry_run, at };
        let reported = self.repository.import(self.user, batch).await?;
        let reported: Vec<ReportedRow> = reported.into_iter().map(Into::into).collect();
        let mut originals = HashMap::new();
        for id in self.batch.first_changed(&reported) {
            if let Some(entry) = self.repository.find(self.user, ShelfEntryId::new(id)).await? {
                originals.insert(id, state(&entry.fields));
            }
        }
        let outcomes = self.batch.count(reported, originals);
        for ((line, mut remarks), outcome) in self.waiting.drain(..).zip(outcomes) {
            // Only accepted rows have remarks.
            if outcome.is_rejected() {
                continue;
            }
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

    fn bytes(&self) -> usize {
        self.fields.notes.as_ref().map_or(0, |notes| notes.as_str().len())
    }

    fn state(&self) -> Self::State {
        state(&self.fields)
    }

    fn update(&self, state: &Self::State) -> Self::State {
        state.merge(&self.state())
    }

    fn remarks(&self, state: &Self::State) -> MergeRemarks {
        state.merge_remarks(&self.state())
    }
}

/// Keeps a hash of the notes. A merge only needs to know whether they are the same.
fn state(fields: &ShelfFields) -> ShelfFields {
    let notes = fields.notes.as_ref().map(|notes| Notes::stored(hash(notes).to_string()));
    let ShelfFields { status, rating, started_on, finished_on, .. } = *fields;
    ShelfFields { status, rating, notes, started_on, finished_on }
}
