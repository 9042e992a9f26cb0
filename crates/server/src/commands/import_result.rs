//! What the imports of books and of reading histories have in common.

use std::time::Instant;

use bookshelf_application::Error;
use bookshelf_application::transfer::{ImportOptions, ImportOutcome, RowError, RowsError};
use bookshelf_domain::books::OnConflict;
use bookshelf_domain::error_chain;
use indicatif::ProgressBar;

use super::progress;
use crate::cli::{self, ImportArgs};
use crate::failure::Failure;

/// At most this many errors are printed; all of them go to the rejects file.
pub(super) const SHOWN_ERRORS: usize = 10;

/// The progress bar is updated once per this many rows.
const ROWS_PER_UPDATE: u64 = 500;

/// The result of an import.
pub(super) struct Imported {
    pub(super) summary: String,
    /// Why the import ended before the end of its file, if it did. The summary is right all the same.
    pub(super) ended_early: Option<EndedEarly>,
    /// Whether no row was rejected.
    pub(super) all_good: bool,
}

/// Why an import ended before the end of its file.
#[derive(Debug, thiserror::Error)]
pub(super) enum EndedEarly {
    #[error("the rest of the file cannot be read: {}", error_chain(.0))]
    Unreadable(RowsError),
    #[error("the rows cannot be written: {}; run the import again to import the rest", error_chain(.0))]
    Unwritten(Error),
    #[error("the rejected rows cannot be written: {0}; run the import again to import the rest")]
    Rejects(std::io::Error),
    #[error("the import was interrupted; run it again to import the rest")]
    Interrupted,
}

impl Imported {
    pub(super) fn new(
        args: &ImportArgs,
        outcome: &ImportOutcome,
        started: Instant,
        ended_early: Option<EndedEarly>,
    ) -> Self {
        let ImportOutcome { created, updated, skipped, failed, .. } = outcome;
        let rows = created + updated + skipped + failed;
        let dry_run = if args.dry_run { "dry run, nothing written: " } else { "" };
        let seconds = started.elapsed().as_secs_f64();
        let estimate = match outcome.is_estimate {
            true => " (more books than a dry run remembers: some may be counted twice)",
            false => "",
        };
        let summary = format!(
            "{dry_run}{created} created, {updated} updated, {skipped} skipped, {failed} rejected \
             of {rows} rows in {seconds:.1} s{estimate}"
        );
        Self { summary, ended_early, all_good: *failed == 0 }
    }
}

impl From<EndedEarly> for Failure {
    fn from(why: EndedEarly) -> Self {
        Self::Failed(why.to_string())
    }
}

pub(super) fn options(args: &ImportArgs, default: OnConflict) -> ImportOptions {
    let on_conflict = match args.on_conflict {
        Some(cli::OnConflict::Skip) => OnConflict::Skip,
        Some(cli::OnConflict::Update) => OnConflict::Update,
        None => default,
    };
    ImportOptions { on_conflict, dry_run: args.dry_run }
}

pub(super) fn show_progress(bar: &ProgressBar, rows: u64) {
    if rows.is_multiple_of(ROWS_PER_UPDATE) {
        bar.set_message(progress::rows_and_rate(bar, rows));
    }
}

/// Prints the first of these errors on standard error.
pub(super) fn list(errors: &[RowError]) {
    for error in errors.iter().take(SHOWN_ERRORS) {
        eprintln!("line {}: {}", error.line, error.details);
    }
}
