use std::collections::{BTreeSet, HashMap};
use std::mem;

use bookshelf_domain::Faults;

use super::dry_run::{DryRun, DryRunRow};
use super::limits::BATCH_BYTES;
use super::outcome::{ImportOptions, ImportOutcome, ReportedRow, RowOutcome};

/// The rows of an import that wait to be written together, and the outcome of the earlier ones.
pub(super) struct Batch<Row: DryRunRow> {
    pub(super) options: ImportOptions,
    pub(super) outcome: ImportOutcome,
    rows: Vec<Row>,
    /// The number of rows that are written together, and the bytes of those that wait.
    most: usize,
    bytes: usize,
    /// The line where each waiting row starts.
    lines: Vec<u64>,
    dry_run: DryRun<Row>,
}

impl<Row: DryRunRow> Batch<Row> {
    pub(super) fn new(options: ImportOptions, most: usize) -> Self {
        Self {
            options,
            outcome: ImportOutcome::default(),
            rows: Vec::new(),
            most,
            bytes: 0,
            lines: Vec::new(),
            dry_run: DryRun::new(),
        }
    }

    pub(super) fn add(&mut self, line: u64, row: Row) {
        self.bytes += row.bytes();
        self.rows.push(row);
        self.lines.push(line);
    }

    pub(super) fn reject(&mut self, line: u64, faults: Faults) {
        self.outcome.reject(line, faults);
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= self.most || self.bytes >= BATCH_BYTES
    }

    /// The rows to write now, if there are any.
    pub(super) fn take(&mut self) -> Option<Vec<Row>> {
        let rows = mem::take(&mut self.rows);
        self.bytes = 0;
        if self.options.dry_run {
            self.rows.clone_from(&rows);
        }
        (!rows.is_empty()).then_some(rows)
    }

    /// The existing books or entries that the rows would change for the first time. A dry run
    /// compares later rows with what they are before.
    pub(super) fn first_changed(&self, reported: &[ReportedRow]) -> BTreeSet<i64> {
        if !self.options.dry_run {
            return BTreeSet::new();
        }
        let changed = reported.iter().filter(|row| matches!(row.outcome, RowOutcome::Updated(_)));
        changed.filter_map(|row| row.existing).filter(|id| !self.dry_run.has_changed(*id)).collect()
    }

    /// Counts the outcomes of the rows that were taken last, and returns them. `originals` are the
    /// states of those that [`Batch::first_changed`] has named.
    pub(super) fn count(
        &mut self,
        reported: Vec<ReportedRow>,
        mut originals: HashMap<i64, Row::State>,
    ) -> Vec<RowOutcome> {
        let mut outcomes: Vec<RowOutcome> = reported.iter().map(|row| row.outcome).collect();
        // Only a dry run has kept its rows.
        for ((row, reported), outcome) in self.rows.drain(..).zip(reported).zip(&mut outcomes) {
            let on_conflict = self.options.on_conflict;
            *outcome = self.dry_run.correct(&row, on_conflict, reported, &mut originals);
        }
        self.outcome.is_estimate = self.dry_run.is_full();
        for (line, outcome) in self.lines.drain(..).zip(&outcomes) {
            self.outcome.count(line, *outcome);
        }
        outcomes
    }
}
