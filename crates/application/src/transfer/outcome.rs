use bookshelf_domain::books::{Imported, OnConflict};
use bookshelf_domain::{Fault, Faults};

use super::limits::MAX_LISTED_ROWS;

#[derive(Debug, Clone, Copy, Default)]
pub struct ImportOptions {
    pub on_conflict: OnConflict,
    /// Reports what would happen, and writes nothing.
    pub dry_run: bool,
}

/// The report of an import: what became of its rows so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportOutcome {
    pub created: u64,
    pub updated: u64,
    /// The book existed, and nothing was changed.
    pub skipped: u64,
    pub failed: u64,
    /// The faults of the rows that failed, up to the number that a report lists.
    pub errors: Vec<RowError>,
}

/// The faults or the remarks of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line where the row starts, counted from 1.
    pub line: u64,
    pub details: Faults,
}

impl ImportOutcome {
    pub(super) fn count(&mut self, line: u64, outcome: Imported) {
        match outcome {
            Imported::Created(_) => self.created += 1,
            Imported::Updated(_) => self.updated += 1,
            Imported::Skipped(_) => self.skipped += 1,
            Imported::IsbnTaken { by } => {
                let fault = Fault::new(format!("is that of book {by}"));
                self.reject(line, fault.of("isbn"));
            }
        }
    }

    pub(super) fn reject(&mut self, line: u64, faults: Faults) {
        self.failed += 1;
        list(&mut self.errors, line, faults);
    }
}

/// Adds a row to a list of a report, unless the list is full.
pub(super) fn list(rows: &mut Vec<RowError>, line: u64, details: Faults) {
    if rows.len() < MAX_LISTED_ROWS {
        rows.push(RowError { line, details });
    }
}
