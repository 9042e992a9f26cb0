use super::super::cells::Cells;
use super::super::reading_builder::ReadingBuilder;
use super::format::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV of The StoryGraph.
pub(super) const FORMAT: Format = Format {
    origin: Origin::StoryGraph,
    known_by: &["title", "authors", "readstatus"],
    repeated: &[],
    fill,
};

fn fill(row: &Cells<'_>, reading: &mut ReadingBuilder) {
    reading.book(Field::Title, row.get("title"));
    reading.book(Field::Author, row.get("authors"));
    reading.isbn_or_other(row.get("isbnuid"));
    reading.rating(row.get("starrating"));
    reading.html_notes(row.get("review"));
    reading.finished(row.get("lastdateread"));
    reading.ranges(row.get("datesread"));
    reading.added(row.get("dateadded"));
    reading.status(row.get("readstatus"));
}
