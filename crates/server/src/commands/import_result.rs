//! What the imports of books and of reading histories have in common.

use std::time::Instant;

use bookshelf_application::Error;
use bookshelf_application::transfer::{ImportOptions, ImportOutcome, RowError, RowsError};
use bookshelf_domain::books::OnConflict;
use indicatif::ProgressBar;

use super::progress;
use crate::cli::{self, ImportArgs};
use crate::failure::Failure;

/// At most this many errors are printed; all of them go to the rejects file.
pub(super) const SHOWN_ERRORS: usize = 10;

/// The progress bar is updated once per this many rows.
const ROWS_PER_UPDATE: u64 = 500;

/// The result of an import that read its whole file.
pub(super) struct Imported {
    pub(super) summary: String,
    /// Whether no row was rejected.
    pub(super) all_good: bool,
}

impl Imported {
    /// Sums up an import. If the file could be read only in part, that is a failure, although the
    /// rows before the fault were imported.
    pub(super) fn new(
        args: &ImportArgs,
        outcome: &ImportOutcome,
        started: Instant,
        read_error: Option<&RowsError>,
    ) -> Result<Self, Failure> {
        let ImportOutcome { created, updated, skipped, failed, .. } = outcome;
        let rows = created + updated + skipped + failed;
        let dry_run = if args.dry_run { "dry run, nothing written: " } else { "" };
        let seconds = started.elapsed().as_secs_f64();
        let summary = format!(
            "{dry_run}{created} created, {updated} updated, {skipped} skipped, {failed} rejected \
             of {rows} rows in {seconds:.1} s"
        );
        match read_error {
            Some(error) => Err(Failure::because(
                format_args!("{summary}, but the rest of the file cannot be read"),
                error,
            )),
            None => Ok(Self { summary, all_good: *failed == 0 }),
        }
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

pub(super) fn stopped(error: &Error) -> Failure {
    Failure::because("the import stopped; run it again to import the remaining rows", error)
}

/// Prints the first of these errors on standard error.
pub(super) fn list(errors: &[RowError]) {
    for error in errors.iter().take(SHOWN_ERRORS) {
        eprintln!("line {}: {}", error.line, error.details);
    }
}
