use std::fmt::Write;
use std::time::Instant;

use bookshelf_infrastructure::copy::{self, CopiedTable, Place, Progress};
use indicatif::ProgressBar;

use super::progress;
use crate::cli::CopyArgs;
use crate::database;
use crate::failure::Failure;
use crate::settings::{self, CopyUrl};

/// Copies a database; returns a line for each table that was copied.
pub(crate) fn run(args: &CopyArgs) -> Result<String, Failure> {
    let started = Instant::now();
    let from_url = CopyUrl::source(args.from.as_deref(), args.from_file.as_deref())?;
    let to_url = CopyUrl::target(args.to.as_deref(), args.to_file.as_deref())?;
    let (from, to) = (place("the source", &from_url)?, place("the target", &to_url)?);
    if from_url.text() == to_url.text() {
        return Err(Failure::Usage("the source and the target are the same database".to_owned()));
    }
    // The real length is known once the copy has begun.
    let bar = progress::bar(Some(0));
    let copied = copy::copy(&from, &to, &mut |step| show(&bar, &step));
    bar.finish_and_clear();
    match copied {
        Ok(tables) => Ok(summary(&tables, started.elapsed().as_secs_f64())),
        Err(error) => Err(Failure::because("nothing was copied", &error)),
    }
}

fn place(side: &str, url: &CopyUrl) -> Result<Place, Failure> {
    if url.shows_password() {
        eprintln!(
            "bookshelf: other users of this machine can see the password of {side} in the command \
             line; give the URL in a file or in the environment, see bookshelf db copy --help"
        );
    }
    match settings::database(url.text()) {
        Ok(setting) => Ok(database::place(setting)),
        Err(fault) => Err(url.fault(&fault).into()),
    }
}

fn show(bar: &ProgressBar, step: &Progress<'_>) {
    let (doing, table, rows) = match *step {
        // Every row is copied, and later read again to compare it.
        Progress::Begun { rows } => return bar.set_length(rows * 2),
        Progress::Copied { table, rows } => ("copying", table, rows),
        Progress::Compared { table, rows } => ("comparing", table, rows),
    };
    bar.inc(rows);
    let rows = progress::rows_and_rate(bar, bar.position());
    bar.set_message(format!("{doing} {table}: {rows}"));
}

fn summary(tables: &[CopiedTable], took: f64) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let mut line = |table: &str, rows: u64, what: &str| {
        let _: std::fmt::Result = writeln!(text, "{table:<16} {rows:>12} rows  {what}");
    };
    for table in tables {
        let digest: String = table.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        line(table.name, table.rows, &format!("sha256 {digest}"));
    }
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    let rate = rows as f64 / took.max(0.001);
    line("all", rows, &format!("the same on both sides, in {took:.1} s ({rate:.0}/s)"));
    text
}
