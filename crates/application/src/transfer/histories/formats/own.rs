use bookshelf_domain::shelves::Rating;
use bookshelf_domain::{Fault, FaultCode, Timestamp};
use chrono::Datelike;

use super::super::cells::Cells;
use super::super::reading_builder::ReadingBuilder;
use super::format::{Format, Origin};
use crate::transfer::columns::Field;

/// The files that Bookshelf writes itself. An invalid value rejects its row.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Bookshelf,
    known_by: &["title", "author", "status"],
    repeated: &[],
    fill,
};

fn fill(row: &Cells<'_>, reading: &mut ReadingBuilder) {
    for field in Field::ALL {
        reading.book(field, row.get(field.name()));
    }
    reading.notes(row.get("notes"));
    let status = parsed(reading, "status", row.get("status"), str::parse);
    reading.fields.status = status.unwrap_or_default();
    reading.fields.rating = parsed(reading, "rating", row.get("rating"), stars);
    reading.fields.started_on = parsed(reading, "started_on", row.get("startedon"), str::parse);
    reading.fields.finished_on = parsed(reading, "finished_on", row.get("finishedon"), str::parse);
    reading.added_at = parsed(reading, "added_at", row.get("addedat"), timestamp);
    if let Err(faults) = reading.fields.check() {
        reading.faults.extend_new_fields(faults);
    }
}

fn parsed<T>(
    reading: &mut ReadingBuilder,
    field: &str,
    text: &str,
    parse: fn(&str) -> Result<T, Fault>,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    parse(text).map_err(|fault| reading.faults.add(field, fault)).ok()
}

fn stars(text: &str) -> Result<Rating, Fault> {
    Rating::new(text.strip_suffix(".0").unwrap_or(text).parse().unwrap_or(0))
}

fn timestamp(text: &str) -> Result<Timestamp, Fault> {
    let at = text.parse().ok().filter(|at: &Timestamp| (0..=9999).contains(&at.year()));
    at.ok_or_else(|| Fault::new(FaultCode::InvalidFormat, "must be an RFC 3339 timestamp"))
}
