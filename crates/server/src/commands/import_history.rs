use std::time::Instant;

use bookshelf_application::transfer::histories::{HistoryOutcome, HistoryRows};
use bookshelf_domain::books::OnConflict;

use super::import_result::{Imported, list, options, show_progress, stopped};
use super::{OPERATOR, files, progress};
use crate::cli::ImportArgs;
use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;

/// Reads a reading history from a file into the shelf of the user with this email address.
pub(super) async fn run(
    settings: &Settings,
    args: &ImportArgs,
    email: &str,
) -> Result<Imported, Failure> {
    let started = Instant::now();
    let (file, length) = files::open(&args.file)?;
    let services = Services::open_migrated(settings)?;
    let accounts = services.accounts(services.access_tokens()?)?;
    let user = accounts.get_by_email(OPERATOR, email).await.map_err(Failure::account)?;
    let bar = progress::bar(length);
    let mut rows = HistoryRows::open(bar.wrap_read(file), args.charset)
        .map_err(|error| Failure::because(args.file.display(), &error))?;
    let options = options(args, OnConflict::Update);
    let mut import = services.use_cases.histories().import_as_operator(OPERATOR, user.id, options);
    let mut count = 0;
    // The rows before a fault of the file are imported all the same.
    let read_error = loop {
        match rows.next_row() {
            Ok(Some(row)) => import.add(row).await.map_err(|error| stopped(&error))?,
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
        count += 1;
        show_progress(&bar, count);
    };
    let outcome = import.finish().await.map_err(|error| stopped(&error))?;
    bar.finish_and_clear();
    report(&rows, &outcome);
    Imported::new(args, &outcome.rows, started, read_error.as_ref())
}

/// Prints the origin of the file, the ignored columns, errors and remarks on standard error.
fn report<R: std::io::Read>(rows: &HistoryRows<R>, outcome: &HistoryOutcome) {
    eprintln!("this is a reading history from {}", rows.origin().name());
    let ignored: Vec<_> =
        rows.ignored_columns().iter().map(|(name, rows)| format!("{name} ({rows})")).collect();
    if !ignored.is_empty() {
        eprintln!("ignored columns, and in how many rows they have text: {}", ignored.join(", "));
    }
    list(&outcome.rows.errors);
    if outcome.remarked > 0 {
        eprintln!("{} rows were imported only in part, such as", outcome.remarked);
        list(&outcome.remarks);
    }
}
