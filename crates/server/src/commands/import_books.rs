use std::fs;
use std::io::{self, BufWriter, Write};
use std::time::Instant;

use bookshelf_application::transfer::{ImportOutcome, Rejects, Rows};
use bookshelf_domain::books::OnConflict;

use super::import_result::{Imported, SHOWN_ERRORS, list, options, show_progress, stopped};
use super::{OPERATOR, files, progress};
use crate::cli::ImportArgs;
use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;

type RejectsFile = Rejects<BufWriter<Box<dyn Write>>>;

/// Reads books from a file into the catalogue.
pub(super) async fn run(settings: &Settings, args: &ImportArgs) -> Result<Imported, Failure> {
    let started = Instant::now();
    let format = files::format(args.format, &args.file)?;
    let (file, length) = files::open(&args.file)?;
    let mut rejects = rejects(args)?;
    let unwritten = |error: io::Error| Failure::because("cannot write the rejected rows", &error);
    // The database is opened before the bar is drawn, because log lines would break the bar.
    let services = Services::open_migrated(settings)?;
    let bar = progress::bar(length);
    let mut rows = Rows::open(bar.wrap_read(file), format, args.charset)
        .map_err(|error| Failure::because(args.file.display(), &error))?;
    let mut import =
        services.use_cases.transfer().import_as_operator(OPERATOR, options(args, OnConflict::Skip));
    let mut count = 0;
    // The rows before a fault of the file are imported all the same.
    let read_error = loop {
        let row = match rows.next_row() {
            Ok(Some(row)) => row,
            Ok(None) => break None,
            Err(error) => break Some(error),
        };
        let rejected = import.add(row).await.map_err(|error| stopped(&error))?;
        if let (Some(faults), Some(rejects)) = (rejected, &mut rejects) {
            rejects.add(&rows, &faults).map_err(unwritten)?;
        }
        count += 1;
        show_progress(&bar, count);
    };
    if let Some(rejects) = &mut rejects {
        rejects.flush().map_err(unwritten)?;
    }
    let outcome = import.finish().await.map_err(|error| stopped(&error))?;
    bar.finish_and_clear();
    report(&outcome, rows.unknown_columns());
    Imported::new(args, &outcome, started, read_error.as_ref())
}

fn rejects(args: &ImportArgs) -> Result<Option<RejectsFile>, Failure> {
    let Some(path) = &args.rejects else { return Ok(None) };
    let same = matches!(
        (fs::canonicalize(path), fs::canonicalize(&args.file)),
        (Ok(rejects), Ok(file)) if rejects == file
    );
    if same {
        return Err(Failure::Usage("--rejects names the file that is imported".to_owned()));
    }
    Ok(Some(Rejects::new(BufWriter::new(files::create(path)?))))
}

/// Prints the ignored columns and the first errors on standard error.
fn report(outcome: &ImportOutcome, unknown_columns: &[String]) {
    if !unknown_columns.is_empty() {
        eprintln!("ignored columns: {}", unknown_columns.join(", "));
    }
    list(&outcome.errors);
    let hidden = outcome.failed.saturating_sub(SHOWN_ERRORS as u64);
    if hidden > 0 {
        eprintln!("… and {hidden} more rejected rows; --rejects FILE writes all of them to a file");
    }
}
