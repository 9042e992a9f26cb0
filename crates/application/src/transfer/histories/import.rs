use std::collections::HashMap;
use std::sync::Arc;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{OnConflict, Year};
use bookshelf_domain::shelves::{
    ImportedEntry, Notes, ShelfBatch, ShelfFields, ShelfImportRow, ShelfRepository,
};
use bookshelf_domain::{Change, Clock, Fault, FaultCode, Faults, Folded};

use super::super::import::{BATCH, ImportOptions, ImportOutcome, MOST_ERRORS, RowError};
use super::{HistoryRow, Reading};
use crate::Error;

/// What became of the rows of a reading history so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryOutcome {
    pub rows: ImportOutcome,
    /// How many of the rows that were taken say something that has no place.
    pub remarked: u64,
    /// What that is, of the first 1,000 of them.
    pub remarks: Vec<RowError>,
}

/// An import of a reading history into one user's shelf under way.
pub struct HistoryImport {
    repository: Arc<dyn ShelfRepository>,
    clock: Arc<dyn Clock>,
    user: UserId,
    options: ImportOptions,
    waiting: Vec<ShelfImportRow>,
    rehearsal: Rehearsal,
    outcome: HistoryOutcome,
}

impl HistoryImport {
    pub(super) fn new(
        repository: Arc<dyn ShelfRepository>,
        clock: Arc<dyn Clock>,
        user: UserId,
        options: ImportOptions,
    ) -> Self {
        Self {
            repository,
            clock,
            user,
            options,
            waiting: Vec::with_capacity(BATCH),
            rehearsal: Rehearsal::default(),
            outcome: HistoryOutcome::default(),
        }
    }

    /// Takes the next row in. A bad one is counted and told, and nothing more.
    pub async fn add(&mut self, row: HistoryRow) -> Result<(), Error> {
        let HistoryRow { line, reading, mut remarks } = row;
        match reading.and_then(|reading| self.check(reading, &mut remarks)) {
            Ok(good) => {
                self.waiting.push(good);
            }
            Err(faults) => {
                self.outcome.rows.fail(line, faults);
                return Ok(());
            }
        }
        if !remarks.is_empty() {
            self.outcome.remarked += 1;
            if self.outcome.remarks.len() < MOST_ERRORS {
                self.outcome.remarks.push(RowError { line, details: remarks });
            }
        }
        if self.waiting.len() == BATCH {
            self.write().await?;
        }
        Ok(())
    }

    /// Writes what still waits.
    pub async fn finish(mut self) -> Result<HistoryOutcome, Error> {
        self.write().await?;
        Ok(self.outcome)
    }

    fn check(&self, reading: Reading, remarks: &mut Faults) -> Result<ShelfImportRow, Faults> {
        let now = self.clock.now();
        let mut book = reading.book;
        // A reading is not lost for the year of a book.
        if let Change::Set(year) = book.year
            && let Err(fault) = Year::new(year, now)
        {
            let sentence = format!("{fault}, and was left out");
            remarks.add("year", Fault::new(FaultCode::LeftOut, sentence));
            book.year = Change::Keep;
        }
        let book = book.into_fields(now)?;
        let fields = ShelfFields {
            status: reading.status,
            rating: reading.rating,
            notes: reading.notes,
            started_on: reading.started_on,
            finished_on: reading.finished_on,
        };
        Ok(ShelfImportRow { book, fields, added_at: reading.added_at.map(|at| at.min(now)) })
    }

    async fn write(&mut self) -> Result<(), Error> {
        let rows = std::mem::replace(&mut self.waiting, Vec::with_capacity(BATCH));
        if rows.is_empty() {
            return Ok(());
        }
        let ImportOptions { on_conflict, dry_run } = self.options;
        let rehearsed = if dry_run { rows.clone() } else { Vec::new() };
        let batch = ShelfBatch { rows, on_conflict, dry_run, at: self.clock.now() };
        let mut outcomes = self.repository.import(self.user, batch).await?;
        for (row, outcome) in rehearsed.iter().zip(&mut outcomes) {
            *outcome = self.rehearsal.correct(row, on_conflict, *outcome);
        }
        for outcome in outcomes {
            match outcome {
                ImportedEntry::Created(_) => self.outcome.rows.created += 1,
                ImportedEntry::Updated(_) => self.outcome.rows.updated += 1,
                ImportedEntry::Skipped(_) => self.outcome.rows.skipped += 1,
            }
        }
        Ok(())
    }
}

/// What a dry run would have put on the shelf so far, by what books are matched by: a repository
/// takes every batch of a dry run back, so it cannot know that a row repeats one of an earlier batch.
#[derive(Default)]
struct Rehearsal {
    entries: Vec<ShelfFields>,
    by_isbn: HashMap<String, usize>,
    by_name: HashMap<(String, String), usize>,
}

impl Rehearsal {
    /// The outcome that the row would have had, given what the repository said of it.
    fn correct(
        &mut self,
        row: &ShelfImportRow,
        how: OnConflict,
        told: ImportedEntry,
    ) -> ImportedEntry {
        let ImportedEntry::Created(id) = told else { return told };
        let folded = |text: &str| Folded::new(text).into_string();
        let isbn = row.book.isbn.as_ref().map(ToString::to_string);
        let name = (folded(row.book.title.as_str()), folded(row.book.author.as_str()));
        let known = match &isbn {
            Some(isbn) => self.by_isbn.get(isbn),
            None => self.by_name.get(&name),
        };
        let fields = without_text(&row.fields);
        let Some(&known) = known else {
            let place = self.entries.len();
            self.entries.push(fields);
            self.by_name.entry(name).or_insert(place);
            isbn.map(|isbn| self.by_isbn.insert(isbn, place));
            return told;
        };
        let merged = self.entries[known].merge(&fields);
        if how == OnConflict::Skip || merged == self.entries[known] {
            return ImportedEntry::Skipped(id);
        }
        self.entries[known] = merged;
        ImportedEntry::Updated(id)
    }
}

/// The fields with the shortest notes in place of any: whether there are some is all that counts.
fn without_text(fields: &ShelfFields) -> ShelfFields {
    let notes = fields.notes.as_ref().and_then(|_| Notes::parse("x").ok());
    ShelfFields { notes, ..fields.clone() }
}
