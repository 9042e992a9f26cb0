use std::io::{self, Write};

use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;

/// Applies the pending migrations and prints their names.
pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    let applied = Services::open(settings)?.migrate()?;
    print(applied.iter().map(|name| format!("applied {name}")), "the database is up to date")
}

/// Prints every migration and whether it is applied.
pub(crate) fn status(settings: &Settings) -> Result<(), Failure> {
    let states = Services::open(settings)?
        .database
        .migrations()
        .map_err(|error| Failure::because("cannot read which migrations are applied", &error))?;
    let lines = states.iter().map(|migration| {
        format!("{} {}", if migration.applied { "applied" } else { "pending" }, migration.name)
    });
    print(lines, "there are no migrations")
}

fn print(lines: impl ExactSizeIterator<Item = String>, nothing: &str) -> Result<(), Failure> {
    let mut text = if lines.len() == 0 { format!("{nothing}\n") } else { String::new() };
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::because("cannot write to standard output", &error))
}
