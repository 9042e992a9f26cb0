use std::time::Instant;

use bookshelf_application::Error;
use bookshelf_application::transfer::histories::{HistoryOutcome, HistoryRows};
use bookshelf_domain::books::OnConflict;

use super::files;
use super::import::{list, options, progress, show, stopped, summary};
use crate::cli::ImportArgs;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::House;

/// Reads a reading history into the shelf of a user; returns the summary, and whether every row was
/// good.
pub(super) async fn run(
    settings: &Settings,
    args: &ImportArgs,
    email: &str,
) -> Result<(String, bool), Failure> {
    let started = Instant::now();
    let (file, length) = files::open(&args.file)?;
    let house = House::open_migrated(settings)?;
    let accounts = house.accounts(house.access_tokens()?)?;
    let user = accounts.find_by_email(email).await.map_err(unknown)?;
    let progress = progress(length);
    let mut rows = HistoryRows::open(progress.wrap_read(file))
        .map_err(|error| Failure::because(args.file.display(), &error))?;
    let mut import = house.histories().import(user.id, options(args, OnConflict::Update));
    let mut count = 0;
    // What was read before a file broke off is good, and is kept.
    let broke_off = loop {
        match rows.next_row() {
            Ok(Some(row)) => import.add(row).await.map_err(|error| stopped(&error))?,
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
        count += 1;
        show(&progress, count);
    };
    let outcome = import.finish().await.map_err(|error| stopped(&error))?;
    progress.finish_and_clear();
    report(&rows, &outcome);
    let summary = summary(&outcome.rows, args.dry_run, started.elapsed());
    match broke_off {
        Some(error) => {
            Err(Failure::because(format_args!("{summary}, but then the file broke off"), &error))
        }
        None => Ok((summary, outcome.rows.failed == 0)),
    }
}

fn unknown(error: Error) -> Failure {
    match error {
        Error::Invalid(faults) => Failure::Failed(faults.to_string()),
        Error::NotFound(what) => Failure::Failed(format!("there is no {what} with this email")),
        error => Failure::because("the account cannot be read", &error),
    }
}

/// Tells on standard error what is worth a look.
fn report<R: std::io::Read>(rows: &HistoryRows<R>, outcome: &HistoryOutcome) {
    eprintln!("this is a reading history of {}", rows.origin().name());
    let ignored: Vec<_> =
        rows.ignored_columns().iter().map(|(name, rows)| format!("{name} ({rows})")).collect();
    if !ignored.is_empty() {
        eprintln!(
            "columns that have no place on a shelf, and in how many rows: {}",
            ignored.join(", ")
        );
    }
    list(&outcome.rows.errors);
    if outcome.remarked > 0 {
        eprintln!("{} rows say something that has no place on a shelf, such as", outcome.remarked);
        list(&outcome.remarks);
    }
}
