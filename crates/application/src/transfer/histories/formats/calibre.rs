use chrono::Datelike;

use super::super::cells::Cells;
use super::super::dates::{self, DateOrder};
use super::super::reading_builder::ReadingBuilder;
use super::format::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV catalogue of Calibre, which has ratings but no status.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Calibre,
    known_by: &["title", "authors", "authorsort", "timestamp"],
    repeated: &["titlesort", "authorsort"],
    fill,
};

fn fill(row: &Cells<'_>, reading: &mut ReadingBuilder) {
    reading.book(Field::Title, row.get("title"));
    reading.book(Field::Author, &row.get("authors").replace(" & ", ", "));
    reading.isbn_or_other(row.get("isbn"));
    for identifier in row.get("identifiers").split(',') {
        if let Some(isbn) = identifier.trim().strip_prefix("isbn:") {
            reading.isbn_or_other(isbn);
        }
    }
    // Calibre writes the year 101 if it does not know the date of publication.
    let published = dates::read(row.get("pubdate"), DateOrder::default()).days;
    if let Some(date) = published.first().filter(|date| date.year() > 101) {
        reading.year(&date.year().to_string());
    }
    reading.rating(row.get("rating"));
    reading.added(row.get("timestamp"));
}
