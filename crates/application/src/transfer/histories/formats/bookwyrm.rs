use super::super::cells::Cells;
use super::super::reading_builder::ReadingBuilder;
use super::format::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV of BookWyrm.
pub(super) const FORMAT: Format = Format {
    origin: Origin::BookWyrm,
    known_by: &["title", "authortext", "remoteid"],
    repeated: &["shelfname"],
    fill,
};

fn fill(row: &Cells<'_>, reading: &mut ReadingBuilder) {
    reading.book(Field::Title, row.get("title"));
    reading.book(Field::Author, row.get("authortext"));
    reading.isbn_or_other(row.get("isbn13"));
    reading.isbn_or_other(row.get("isbn10"));
    reading.rating(row.get("rating"));
    reading.notes(row.get("reviewname"));
    reading.html_notes(row.get("reviewcontent"));
    reading.started(row.get("startdate"));
    let (finished, stopped) = (row.get("finishdate"), row.get("stoppeddate"));
    // A reading that was given up ends on the day when it was given up.
    reading.finished(if finished.is_empty() { stopped } else { finished });
    reading.added(row.get("shelfdate"));
    let shelf = row.get("shelf");
    reading.status(match (shelf, finished, stopped) {
        ("", "", stopped) if !stopped.is_empty() => "stopped-reading",
        _ => shelf,
    });
}
