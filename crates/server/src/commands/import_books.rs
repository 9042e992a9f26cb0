use std::fs;
use std::io::{self, BufWriter, IntoInnerError, Read};
use std::time::Instant;

use bookshelf_application::transfer::{BookImport, ImportOutcome, Rejects, Rows};
use bookshelf_domain::books::OnConflict;
use indicatif::ProgressBar;

use super::files::NewFile;
use super::import_result::{EndedEarly, Imported, SHOWN_ERRORS, list, options, show_progress};
use super::{OPERATOR, files, progress};
use crate::cli::ImportArgs;
use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;
use crate::signals::StopSignal;

type RejectsFile = Rejects<BufWriter<NewFile>>;

/// Reads books from a file into the catalogue.
pub(super) async fn run(settings: &Settings, args: &ImportArgs) -> Result<Imported, Failure> {
    let started = Instant::now();
    let format = files::format(args.format, &args.file)?;
    let (file, length) = files::open(&args.file)?;
    let mut rejects = rejects(args)?;
    // The database is opened before the bar is drawn, because log lines would break the bar.
    let services = Services::open_current(settings, args.schema.migrate)?;
    let stop = StopSignal::watch()?;
    let bar = progress::bar(length);
    let mut rows = Rows::open(bar.wrap_read(file), format, args.charset)
        .map_err(|error| Failure::because(args.file.display(), &error))?;
    let mut import =
        services.use_cases.transfer().import_as_operator(OPERATOR, options(args, OnConflict::Skip));
    let read = read(&mut rows, &mut import, rejects.as_mut(), &stop, &bar).await;
    // The rows before an early end are imported all the same, unless the database fails.
    let written = match &read {
        Err(EndedEarly::Unwritten(_)) => Ok(()),
        _ => import.finish().await.map_err(EndedEarly::Unwritten),
    };
    let mut ended = read.and(written);
    // After an early end, an earlier file of rejected rows stays as it was.
    if let (Ok(()), Some(rejects)) = (&ended, rejects) {
        ended = complete(rejects).map_err(EndedEarly::Rejects);
    }
    let outcome = import.into_outcome();
    bar.finish_and_clear();
    report(&outcome, rows.unknown_columns());
    Ok(Imported::new(args, &outcome, started, ended.err()))
}

async fn read<R: Read>(
    rows: &mut Rows<R>,
    import: &mut BookImport,
    mut rejects: Option<&mut RejectsFile>,
    stop: &StopSignal,
    bar: &ProgressBar,
) -> Result<(), EndedEarly> {
    let mut count = 0;
    while let Some(row) = rows.next_row().map_err(EndedEarly::Unreadable)? {
        let rejected = import.add(row).await.map_err(EndedEarly::Unwritten)?;
        if let (Some(faults), Some(rejects)) = (rejected, &mut rejects) {
            rejects.add(rows, &faults).map_err(EndedEarly::Rejects)?;
        }
        count += 1;
        show_progress(bar, count);
        if stop.is_asked() {
            return Err(EndedEarly::Interrupted);
        }
    }
    Ok(())
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
    Ok(Some(Rejects::new(BufWriter::new(NewFile::create(path)?))))
}

fn complete(rejects: RejectsFile) -> io::Result<()> {
    rejects.into_inner().into_inner().map_err(IntoInnerError::into_error)?.complete()
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
