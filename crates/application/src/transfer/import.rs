use std::sync::Arc;

use bookshelf_domain::books::{
    BookDraft, BookRepository, ImportBatch, ImportRow, Imported, OnConflict,
};
use bookshelf_domain::{Clock, Fault, FaultCode, Faults};

use super::Row;
use super::rehearsal::Rehearsal;
use crate::Error;

/// Rows written in one go: large enough to share the cost of a commit, small enough to let others
/// write in between.
pub(super) const BATCH: usize = 500;

/// So many errors are listed; the rest is only counted.
pub(super) const MOST_ERRORS: usize = 1000;

#[derive(Debug, Clone, Copy, Default)]
pub struct ImportOptions {
    pub on_conflict: OnConflict,
    /// Tell what would happen, and write nothing.
    pub dry_run: bool,
}

/// What became of the rows of an import so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportOutcome {
    pub created: u64,
    pub updated: u64,
    /// The book was there, and nothing was changed.
    pub skipped: u64,
    pub failed: u64,
    /// The first 1,000 of them.
    pub errors: Vec<RowError>,
}

impl ImportOutcome {
    pub(super) fn count(&mut self, outcome: Imported, line: u64) {
        match outcome {
            Imported::Created(_) => self.created += 1,
            Imported::Updated(_) => self.updated += 1,
            Imported::Skipped(_) => self.skipped += 1,
            Imported::IsbnTaken { by } => {
                let fault = Fault::new(FaultCode::Taken, format!("is that of book {by}"));
                self.fail(line, fault.of("isbn"));
            }
        }
    }

    pub(super) fn fail(&mut self, line: u64, details: Faults) {
        self.failed += 1;
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(RowError { line, details });
        }
    }
}

/// What was wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Where it starts in the file, counting from 1.
    pub line: u64,
    pub details: Faults,
}

/// An import under way: rows go in one by one and are written in batches.
///
/// A dry run remembers a few bytes of every new book, so that later rows can be told to be the same.
pub struct BookImport {
    repository: Arc<dyn BookRepository>,
    clock: Arc<dyn Clock>,
    options: ImportOptions,
    waiting: Vec<ImportRow>,
    /// Where each of them starts in the file.
    lines: Vec<u64>,
    rehearsal: Rehearsal,
    outcome: ImportOutcome,
}

impl BookImport {
    pub(super) fn new(
        repository: Arc<dyn BookRepository>,
        clock: Arc<dyn Clock>,
        options: ImportOptions,
    ) -> Self {
        Self {
            repository,
            clock,
            options,
            waiting: Vec::with_capacity(BATCH),
            lines: Vec::with_capacity(BATCH),
            rehearsal: Rehearsal::default(),
            outcome: ImportOutcome::default(),
        }
    }

    /// Takes the next row in. A bad one is counted and told, and nothing more.
    pub async fn add(&mut self, row: Row) -> Result<Result<(), Faults>, Error> {
        match self.check(row.draft) {
            Ok(good) => {
                self.waiting.push(good);
                self.lines.push(row.line);
            }
            Err(faults) => {
                self.outcome.fail(row.line, faults.clone());
                return Ok(Err(faults));
            }
        }
        if self.waiting.len() == BATCH {
            self.write().await?;
        }
        Ok(Ok(()))
    }

    /// Writes what still waits.
    pub async fn finish(mut self) -> Result<ImportOutcome, Error> {
        self.write().await?;
        Ok(self.outcome)
    }

    /// What became of the rows that are written, or were rejected, so far.
    pub fn outcome(&self) -> &ImportOutcome {
        &self.outcome
    }

    fn check(&self, draft: Result<BookDraft, Faults>) -> Result<ImportRow, Faults> {
        let draft = draft?;
        let now = self.clock.now();
        let fields = draft.clone().into_fields(now)?;
        let patch = draft.into_patch(now)?;
        Ok(ImportRow { fields, patch })
    }

    async fn write(&mut self) -> Result<(), Error> {
        let rows = std::mem::replace(&mut self.waiting, Vec::with_capacity(BATCH));
        let lines = std::mem::replace(&mut self.lines, Vec::with_capacity(BATCH));
        if rows.is_empty() {
            return Ok(());
        }
        let ImportOptions { on_conflict, dry_run } = self.options;
        let rehearsed = if dry_run { rows.clone() } else { Vec::new() };
        let batch = ImportBatch { rows, on_conflict, dry_run, at: self.clock.now() };
        let mut outcomes = self.repository.import(batch).await?;
        for (row, outcome) in rehearsed.iter().zip(&mut outcomes) {
            *outcome = self.rehearsal.correct(row, on_conflict, *outcome);
        }
        for (outcome, line) in outcomes.into_iter().zip(lines) {
            self.outcome.count(outcome, line);
        }
        Ok(())
    }
}
