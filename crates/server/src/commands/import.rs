use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::time::{Duration, Instant};

use bookshelf_application::Error;
use bookshelf_application::transfer::{
    BookImport, ImportOptions, ImportOutcome, Rejects, RowError, Rows, RowsError,
};
use bookshelf_domain::books::OnConflict;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::{files, import_history};
use crate::cli::{self, ImportArgs};
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::House;

type RejectsFile = Rejects<BufWriter<Box<dyn Write>>>;

/// As many errors are shown; all of them go to the rejects file.
const SHOWN_ERRORS: usize = 10;

/// Rows between two looks at the clock for the progress bar.
const REFRESH: u64 = 500;

/// Reads books from a file, or a reading history; returns the summary, and whether every row was
/// good.
pub(crate) async fn run(settings: &Settings, args: &ImportArgs) -> Result<(String, bool), Failure> {
    match &args.shelf_of {
        Some(email) => import_history::run(settings, args, email).await,
        None => books(settings, args).await,
    }
}

async fn books(settings: &Settings, args: &ImportArgs) -> Result<(String, bool), Failure> {
    let started = Instant::now();
    let format = files::format(args.format, &args.file)?;
    let (file, length) = files::open(&args.file)?;
    let mut rejects = rejects(args)?;
    // Opened before the bar is drawn, which what it logs would tear.
    let house = House::open_migrated(settings)?;
    let progress = progress(length);
    let mut rows = Rows::open(progress.wrap_read(file), format)
        .map_err(|error| Failure::because(args.file.display(), &error))?;
    let mut import = house.transfer().import(options(args, OnConflict::Skip));
    let read = copy(&mut rows, &mut import, rejects.as_mut(), &progress).await;
    progress.finish_and_clear();
    // What was read before a file broke off is good, and is kept.
    let outcome = match read {
        Err(Stop::Write(failure)) => return Err(failure),
        Ok(()) | Err(Stop::Read(_)) => import.finish().await.map_err(|error| stopped(&error))?,
    };
    report(&outcome, rows.unknown_columns());
    let summary = summary(&outcome, args.dry_run, started.elapsed());
    match read {
        Err(Stop::Read(error)) => {
            Err(Failure::because(format_args!("{summary}, but then the file broke off"), &error))
        }
        _ => Ok((summary, outcome.failed == 0)),
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

/// Why not the whole file was imported.
enum Stop {
    Read(RowsError),
    Write(Failure),
}

async fn copy<R: Read>(
    rows: &mut Rows<R>,
    import: &mut BookImport,
    mut rejects: Option<&mut RejectsFile>,
    progress: &ProgressBar,
) -> Result<(), Stop> {
    let unwritten =
        |error: io::Error| Stop::Write(Failure::because("cannot write the rejected rows", &error));
    let mut count = 0;
    while let Some(row) = rows.next_row().map_err(Stop::Read)? {
        let taken = import.add(row).await.map_err(|error| Stop::Write(stopped(&error)))?;
        if let (Err(faults), Some(rejects)) = (taken, rejects.as_mut()) {
            rejects.add(rows, &faults).map_err(unwritten)?;
        }
        count += 1;
        show(progress, count);
    }
    rejects.map_or(Ok(()), Rejects::flush).map_err(unwritten)
}

pub(super) fn show(progress: &ProgressBar, count: u64) {
    if count.is_multiple_of(REFRESH) {
        let rate = count as f64 / progress.elapsed().as_secs_f64().max(0.001);
        let (count, rate) = (HumanCount(count), HumanCount(rate as u64));
        progress.set_message(format!("{count} rows, {rate}/s"));
    }
}

pub(super) fn stopped(error: &Error) -> Failure {
    Failure::because("the import stopped, and can simply be started again", error)
}

/// It shows itself on a terminal only.
pub(super) fn progress(length: Option<u64>) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{wide_bar} {percent:>3} %  {msg}  {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
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

/// Tells on standard error what is worth a look.
fn report(outcome: &ImportOutcome, unknown: &[String]) {
    if !unknown.is_empty() {
        eprintln!("columns that say nothing about a book: {}", unknown.join(", "));
    }
    list(&outcome.errors);
    let hidden = outcome.failed.saturating_sub(SHOWN_ERRORS as u64);
    if hidden > 0 {
        eprintln!("… and {hidden} more rejected rows; --rejects FILE writes down all of them");
    }
}

pub(super) fn list(errors: &[RowError]) {
    for error in errors.iter().take(SHOWN_ERRORS) {
        eprintln!("line {}: {}", error.line, error.details);
    }
}

pub(super) fn summary(outcome: &ImportOutcome, dry_run: bool, took: Duration) -> String {
    let ImportOutcome { created, updated, skipped, failed, .. } = outcome;
    let rows = created + updated + skipped + failed;
    let dry = if dry_run { "dry run, nothing written: " } else { "" };
    let took = took.as_secs_f64();
    format!(
        "{dry}{created} created, {updated} updated, {skipped} skipped, {failed} rejected of {rows} rows in {took:.1} s"
    )
}
