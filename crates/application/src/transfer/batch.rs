use std::mem;

use bookshelf_domain::Faults;

use super::dry_run::{DryRun, DryRunRow};
use super::limits::BATCH_ROWS;
use super::outcome::{ImportOptions, ImportOutcome, RowOutcome};

/// The rows of an import that wait to be written together, and the outcome of the earlier ones.
pub(super) struct Batch<Row: DryRunRow> {
    pub(super) options: ImportOptions,
    pub(super) outcome: ImportOutcome,
    rows: Vec<Row>,
    /// The line where each waiting row starts.
    lines: Vec<u64>,
    dry_run: DryRun<Row>,
}

impl<Row: DryRunRow> Batch<Row> {
    pub(super) fn new(options: ImportOptions) -> Self {
        Self {
            options,
            outcome: ImportOutcome::default(),
            rows: Vec::new(),
            lines: Vec::new(),
            dry_run: DryRun::new(),
        }
    }

    pub(super) fn add(&mut self, line: u64, row: Row) {
        self.rows.push(row);
        self.lines.push(line);
    }

    pub(super) fn reject(&mut self, line: u64, faults: Faults) {
        self.outcome.reject(line, faults);
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS
    }

    /// The rows to write now, if there are any.
    pub(super) fn take(&mut self) -> Option<Vec<Row>> {
        let rows = mem::take(&mut self.rows);
        if self.options.dry_run {
            self.rows.clone_from(&rows);
        }
        (!rows.is_empty()).then_some(rows)
    }

    /// Counts the outcomes of the rows that were taken last, and returns them.
    pub(super) fn count(&mut self, outcomes: Vec<impl Into<RowOutcome>>) -> Vec<RowOutcome> {
        let mut outcomes: Vec<RowOutcome> = outcomes.into_iter().map(Into::into).collect();
        // Only a dry run has kept its rows.
        for (row, outcome) in self.rows.drain(..).zip(&mut outcomes) {
            *outcome = self.dry_run.correct(&row, self.options.on_conflict, *outcome);
        }
        for (line, outcome) in self.lines.drain(..).zip(&outcomes) {
            self.outcome.count(line, *outcome);
        }
        outcomes
    }
}
