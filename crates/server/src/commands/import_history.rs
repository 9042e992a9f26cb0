use std::io::Read;
use std::time::Instant;

use bookshelf_application::transfer::histories::{HistoryImport, HistoryOutcome, HistoryRows};
use bookshelf_domain::books::OnConflict;
use indicatif::ProgressBar;

use super::import_result::{EndedEarly, Imported, list, options, show_progress};
use super::{OPERATOR, files, progress};
use crate::cli::ImportArgs;
use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;
use crate::signals::StopSignal;

/// Reads a reading history from a file into the shelf of the user with this email address.
pub(super) async fn run(
    settings: &Settings,
    args: &ImportArgs,
    email: &str,
) -> Result<Imported, Failure> {
    let started = Instant::now();
    let (file, length) = files::open(&args.file)?;
    let services = Services::open_current(settings, args.schema.migrate)?;
    let accounts = services.accounts(services.access_tokens()?)?;
    let user = accounts.get_by_email(OPERATOR, email).await.map_err(Failure::account)?;
    let stop = StopSignal::watch()?;
    let bar = progress::bar(length);
    let mut rows = HistoryRows::open(bar.wrap_read(file), args.charset)
        .map_err(|error| Failure::because(args.file.display(), &error))?;
    let options = options(args, OnConflict::Update);
    let mut import = services.use_cases.histories().import_as_operator(OPERATOR, user.id, options);
    let read = read(&mut rows, &mut import, &stop, &bar).await;
    // The rows before an early end are imported all the same, unless the database fails.
    let written = match &read {
        Err(EndedEarly::Unwritten(_)) => Ok(()),
        _ => import.finish().await.map_err(EndedEarly::Unwritten),
    };
    let outcome = import.into_outcome();
    bar.finish_and_clear();
    report(&rows, &outcome);
    Ok(Imported::new(args, &outcome.rows, started, read.and(written).err()))
}

async fn read<R: Read>(
    rows: &mut HistoryRows<R>,
    import: &mut HistoryImport,
    stop: &StopSignal,
    bar: &ProgressBar,
) -> Result<(), EndedEarly> {
    let mut count = 0;
    while let Some(row) = rows.next_row().map_err(EndedEarly::Unreadable)? {
        import.add(row).await.map_err(EndedEarly::Unwritten)?;
        count += 1;
        show_progress(bar, count);
        if stop.is_asked() {
            return Err(EndedEarly::Interrupted);
        }
    }
    Ok(())
}

/// Prints the origin of the file, the ignored columns, errors and remarks on standard error.
fn report<R: Read>(rows: &HistoryRows<R>, outcome: &HistoryOutcome) {
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
