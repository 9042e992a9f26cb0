use bookshelf_domain::books::{BookId, Imported, OnConflict};
use bookshelf_domain::shelves::{ImportedEntry, MergeRemarks};
use bookshelf_domain::{Fault, FaultCode, Faults};

use super::limits::MAX_LISTED_ROWS;

/// How rows are imported.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportOptions {
    pub on_conflict: OnConflict,
    /// Whether to write nothing, and only report what would happen.
    pub dry_run: bool,
}

/// The report of an import: the outcomes of its rows so far.
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

/// What happened to a row. Only a row of a reading history has remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowOutcome {
    Created,
    Updated(MergeRemarks),
    Skipped(MergeRemarks),
    IsbnTaken { by: BookId },
}

impl From<Imported> for RowOutcome {
    fn from(imported: Imported) -> Self {
        match imported {
            Imported::Created(_) => Self::Created,
            Imported::Updated(_) => Self::Updated(MergeRemarks::default()),
            Imported::Skipped(_) => Self::Skipped(MergeRemarks::default()),
            Imported::IsbnTaken { by } => Self::IsbnTaken { by },
        }
    }
}

impl From<ImportedEntry> for RowOutcome {
    fn from(imported: ImportedEntry) -> Self {
        match imported {
            ImportedEntry::Created(_) => Self::Created,
            ImportedEntry::Updated(_, remarks) => Self::Updated(remarks),
            ImportedEntry::Skipped(_, remarks) => Self::Skipped(remarks),
        }
    }
}

/// The faults or the remarks of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line where the row starts, counted from 1.
    pub line: u64,
    pub details: Faults,
}

impl ImportOutcome {
    pub(super) fn count(&mut self, line: u64, outcome: RowOutcome) {
        match outcome {
            RowOutcome::Created => self.created += 1,
            RowOutcome::Updated(_) => self.updated += 1,
            RowOutcome::Skipped(_) => self.skipped += 1,
            RowOutcome::IsbnTaken { by } => {
                let fault = Fault::new(FaultCode::Taken, format!("is that of book {by}"));
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
