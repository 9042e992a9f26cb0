use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;

/// Applies the pending migrations and returns their names, a line each.
pub(crate) fn run(settings: &Settings) -> Result<String, Failure> {
    let applied = Services::open(settings)?.migrate()?;
    Ok(lines(applied.iter().map(|name| format!("applied {name}")), "the database is up to date"))
}

/// Returns every migration and whether it is applied, a line each.
pub(crate) fn status(settings: &Settings) -> Result<String, Failure> {
    let states = Services::open(settings)?
        .database
        .migrations()
        .map_err(|error| Failure::because("cannot read which migrations are applied", &error))?;
    let states = states.iter().map(|migration| {
        format!("{} {}", if migration.applied { "applied" } else { "pending" }, migration.name)
    });
    Ok(lines(states, "there are no migrations"))
}

fn lines(lines: impl Iterator<Item = String>, nothing: &str) -> String {
    let text: String = lines.map(|line| line + "\n").collect();
    if text.is_empty() { format!("{nothing}\n") } else { text }
}
