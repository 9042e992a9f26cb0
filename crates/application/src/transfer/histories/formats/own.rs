use bookshelf_domain::shelves::{Rating, ReadingDate, ReadingStatus};
use bookshelf_domain::{Fault, FaultCode, Timestamp};

use super::super::cells::Cells;
use super::super::draft::Draft;
use super::{Format, Origin};
use crate::transfer::columns::Field;

/// What Bookshelf writes itself. What is wrong with a row is an error of it.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Bookshelf,
    known_by: &["title", "author", "status"],
    takes: &[
        "title",
        "author",
        "isbn",
        "genre",
        "year",
        "description",
        "status",
        "rating",
        "notes",
        "startedon",
        "finishedon",
        "addedat",
    ],
    read,
};

fn read(row: &Cells<'_>, draft: &mut Draft) {
    for (name, field) in [
        ("title", Field::Title),
        ("author", Field::Author),
        ("isbn", Field::Isbn),
        ("genre", Field::Genre),
        ("year", Field::Year),
        ("description", Field::Description),
    ] {
        draft.book(field, row.get(name));
    }
    draft.notes(row.get("notes"));
    if let Some(status) = parsed(draft, "status", row.get("status"), str::parse::<ReadingStatus>) {
        draft.set_status(status);
    }
    if let Some(rating) = parsed(draft, "rating", row.get("rating"), stars) {
        draft.set_rating(rating);
    }
    let start = parsed(draft, "started_on", row.get("startedon"), str::parse::<ReadingDate>);
    let end = parsed(draft, "finished_on", row.get("finishedon"), str::parse::<ReadingDate>);
    match (start, end) {
        (Some(start), Some(end)) if end < start => {
            let sentence = "must not be before started_on";
            draft.fault("finished_on", Fault::new(FaultCode::Conflict, sentence));
        }
        _ => {
            start.into_iter().for_each(|day| draft.set_started(day));
            end.into_iter().for_each(|day| draft.set_finished(day));
        }
    }
    if let Some(at) = parsed(draft, "added_at", row.get("addedat"), moment) {
        draft.set_added(at);
    }
}

fn parsed<T>(
    draft: &mut Draft,
    field: &str,
    text: &str,
    parse: fn(&str) -> Result<T, Fault>,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    parse(text).map_err(|fault| draft.fault(field, fault)).ok()
}

fn stars(text: &str) -> Result<Rating, Fault> {
    Rating::new(text.strip_suffix(".0").unwrap_or(text).parse().unwrap_or(0))
}

fn moment(text: &str) -> Result<Timestamp, Fault> {
    text.parse()
        .map_err(|_| Fault::new(FaultCode::InvalidFormat, "must be a time as RFC 3339 writes it"))
}
