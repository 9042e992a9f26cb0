use std::collections::BTreeMap;

use bookshelf_application::transfer::{ImportOutcome, RowError};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of the rows of a file.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(super) struct ImportView<'a> {
    #[schema(minimum = 0, example = 4)]
    created: u64,
    #[schema(minimum = 0, example = 1)]
    updated: u64,
    /// They were there, and nothing was changed.
    #[schema(minimum = 0, example = 2)]
    skipped: u64,
    #[schema(minimum = 0, example = 1)]
    failed: u64,
    /// The first 1,000 of the rows that failed.
    errors: Vec<RowErrorView<'a>>,
    /// The columns that say nothing about a book, where there are any.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false, example = json!(["ratings_1"]))]
    ignored_columns: &'a [String],
}

/// A row that was not taken.
#[derive(Serialize, ToSchema)]
#[schema(as = RowError)]
struct RowErrorView<'a> {
    /// Where it starts in the file, counting from 1.
    #[schema(minimum = 1, example = 7)]
    line: u64,
    /// What is wrong with it, by field; with `row` as a whole.
    #[schema(example = json!({"title": ["is required"]}))]
    details: &'a BTreeMap<String, Vec<String>>,
}

impl<'a> ImportView<'a> {
    pub(super) fn new(outcome: &'a ImportOutcome, ignored_columns: &'a [String]) -> Self {
        let ImportOutcome { created, updated, skipped, failed, .. } = *outcome;
        let errors = outcome.errors.iter().map(RowErrorView::from).collect();
        Self { created, updated, skipped, failed, errors, ignored_columns }
    }
}

impl<'a> From<&'a RowError> for RowErrorView<'a> {
    fn from(error: &'a RowError) -> Self {
        Self { line: error.line, details: error.details.by_field() }
    }
}
