use std::collections::BTreeMap;

use bookshelf_application::transfer::histories::{HistoryOutcome, Origin};
use bookshelf_application::transfer::{ImportOutcome, RowError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::Sentences;

/// The report of an import of books.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(super) struct ImportView<'a> {
    #[schema(minimum = 0, example = 4)]
    created: u64,
    #[schema(minimum = 0, example = 1)]
    updated: u64,
    /// The rows whose books exist already and were not changed.
    #[schema(minimum = 0, example = 2)]
    skipped: u64,
    #[schema(minimum = 0, example = 1)]
    failed: u64,
    /// The first 1,000 of the rows that failed.
    errors: Vec<RowErrorView<'a>>,
    /// The columns that were ignored, if there are any.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false, example = json!(["ratings_1"]))]
    ignored_columns: &'a [String],
}

/// The faults or the remarks of a row.
#[derive(Serialize, ToSchema)]
#[schema(as = RowError)]
struct RowErrorView<'a> {
    /// The line of the file in which the row starts, counted from 1.
    #[schema(minimum = 1, example = 7)]
    line: u64,
    /// Sentences by field. `row` stands for the row as a whole.
    #[schema(example = json!({"title": ["is required"]}))]
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    details: Sentences<'a>,
}

impl<'a> ImportView<'a> {
    pub(super) fn new(outcome: &'a ImportOutcome, ignored_columns: &'a [String]) -> Self {
        let ImportOutcome { created, updated, skipped, failed, .. } = *outcome;
        let errors = listed(&outcome.errors);
        Self { created, updated, skipped, failed, errors, ignored_columns }
    }
}

/// The report of an import of a reading history.
#[derive(Serialize, ToSchema)]
#[schema(as = HistoryReport)]
pub(super) struct HistoryView<'a> {
    /// The program that wrote the file: `bookshelf`, `goodreads`, `storygraph`, `librarything`,
    /// `hardcover`, `bookwyrm` or `calibre`.
    #[schema(example = "goodreads")]
    origin: &'static str,
    #[schema(minimum = 0, example = 4)]
    created: u64,
    #[schema(minimum = 0, example = 1)]
    updated: u64,
    /// The rows whose books exist already and were not changed.
    #[schema(minimum = 0, example = 2)]
    skipped: u64,
    #[schema(minimum = 0, example = 1)]
    failed: u64,
    /// The first 1,000 of the rows that failed.
    errors: Vec<RowErrorView<'a>>,
    /// The number of rows of which a part could not be kept, or was changed.
    #[schema(minimum = 0, example = 1)]
    remarked: u64,
    /// The remarks on the first 1,000 of these rows.
    remarks: Vec<RowErrorView<'a>>,
    /// The columns that were ignored, each with the number of rows in which it is not empty.
    #[schema(example = json!({"Publisher": 7, "Binding": 7}))]
    ignored: &'a BTreeMap<String, u64>,
}

impl<'a> HistoryView<'a> {
    pub(super) fn new(
        origin: Origin,
        outcome: &'a HistoryOutcome,
        ignored: &'a BTreeMap<String, u64>,
    ) -> Self {
        let ImportOutcome { created, updated, skipped, failed, .. } = outcome.rows;
        Self {
            origin: origin.name(),
            created,
            updated,
            skipped,
            failed,
            errors: listed(&outcome.rows.errors),
            remarked: outcome.remarked,
            remarks: listed(&outcome.remarks),
            ignored,
        }
    }
}

fn listed(errors: &[RowError]) -> Vec<RowErrorView<'_>> {
    errors.iter().map(RowErrorView::from).collect()
}

impl<'a> From<&'a RowError> for RowErrorView<'a> {
    fn from(error: &'a RowError) -> Self {
        Self { line: error.line, details: Sentences(&error.details) }
    }
}
