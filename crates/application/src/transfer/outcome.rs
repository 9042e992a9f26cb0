use bookshelf_domain::books::{BookId, Imported, OnConflict};
use bookshelf_domain::shelves::{ImportedEntry, MergeRemarks, ShelfEntry};
use bookshelf_domain::{Fault, FaultCode, Faults};

use super::limits::{MAX_LISTED_BYTES, MAX_LISTED_ROWS};

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
    /// Whether a dry run had more books than it can remember. Then a book that occurs again is
    /// counted as if it were new.
    pub is_estimate: bool,
}

/// What happened to a row. Only a row of a reading history has remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowOutcome {
    Created,
    Updated(MergeRemarks),
    Skipped(MergeRemarks),
    IsbnTaken { by: BookId },
    UnknownBook,
    ShelfFull,
}

/// What a repository reports of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReportedRow {
    pub(super) outcome: RowOutcome,
    /// The id of the book or entry that the row describes, if it existed before the import.
    pub(super) existing: Option<i64>,
}

impl From<Imported> for ReportedRow {
    fn from(imported: Imported) -> Self {
        let none = MergeRemarks::default();
        let (outcome, existing) = match imported {
            Imported::Created(_) => (RowOutcome::Created, None),
            Imported::Updated(id) => (RowOutcome::Updated(none), Some(id.get())),
            Imported::Skipped(id) => (RowOutcome::Skipped(none), Some(id.get())),
            Imported::IsbnTaken { by } => (RowOutcome::IsbnTaken { by }, None),
        };
        Self { outcome, existing }
    }
}

impl From<ImportedEntry> for ReportedRow {
    fn from(imported: ImportedEntry) -> Self {
        let (outcome, existing) = match imported {
            ImportedEntry::Created(_) => (RowOutcome::Created, None),
            ImportedEntry::Updated(id, remarks) => (RowOutcome::Updated(remarks), Some(id.get())),
            ImportedEntry::Skipped(id, remarks) => (RowOutcome::Skipped(remarks), Some(id.get())),
            ImportedEntry::UnknownBook => (RowOutcome::UnknownBook, None),
            ImportedEntry::ShelfFull => (RowOutcome::ShelfFull, None),
        };
        Self { outcome, existing }
    }
}

/// The faults or the remarks of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line where the row starts, counted from 1.
    pub line: u64,
    pub details: Faults,
}

impl RowOutcome {
    /// Whether the row was left out.
    pub(super) fn is_rejected(self) -> bool {
        match self {
            Self::IsbnTaken { .. } | Self::UnknownBook | Self::ShelfFull => true,
            Self::Created | Self::Updated(_) | Self::Skipped(_) => false,
        }
    }
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
            RowOutcome::UnknownBook => {
                let sentence = "is not in the catalogue, and only admins may add books to it";
                self.reject(line, Fault::new(FaultCode::NotAllowed, sentence).of("book"));
            }
            RowOutcome::ShelfFull => {
                let most = ShelfEntry::MAX;
                let sentence = format!(
                    "is not on the shelf, which has {most} entries, the most that it can have; \
                     remove entries, then import the file again"
                );
                self.reject(line, Fault::new(FaultCode::NotAllowed, sentence).of("book"));
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
        rows.push(RowError { line, details: shortened(details) });
    }
}

/// The first faults of a row, so that a report is small even if a row was made to have many.
pub(super) fn shortened(details: Faults) -> Faults {
    let each = || {
        details
            .by_field()
            .iter()
            .flat_map(|(field, faults)| faults.iter().map(move |fault| (field, fault)))
    };
    let cost =
        |field: &String, fault: &Fault| field.len() + fault.sentence.len() + size_of::<Fault>();
    let total: usize = each().map(|(field, fault)| cost(field, fault)).sum();
    if total <= MAX_LISTED_BYTES {
        return details;
    }
    let mut kept = Faults::default();
    let mut left = MAX_LISTED_BYTES;
    for (field, fault) in each() {
        let Some(rest) = left.checked_sub(cost(field, fault)) else { break };
        left = rest;
        kept.add(field, fault.clone());
    }
    kept.add("row", Fault::new(FaultCode::Unreadable, "has more than a report lists"));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_lists_a_bounded_part_of_a_row() {
        let mut details = Faults::default();
        for number in 0..10_000 {
            details.add("notes", Fault::new(FaultCode::LeftOut, format!("has fault {number}")));
        }
        let kept = shortened(details);
        assert!(
            kept.sentences("notes").len() > 50 && kept.to_string().len() < 2 * MAX_LISTED_BYTES
        );
        assert_eq!(kept.sentences("row"), ["has more than a report lists"]);
        let few = Fault::new(FaultCode::LeftOut, "is odd").of("notes");
        assert_eq!(shortened(few.clone()), few);
        let long = Fault::new(FaultCode::LeftOut, "is odd").of(&"x".repeat(1024 * 1024));
        assert!(shortened(long).to_string().len() < MAX_LISTED_BYTES);
    }
}
