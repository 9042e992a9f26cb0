use chrono::Datelike;

use super::super::cells::Cells;
use super::super::draft::Draft;
use super::super::text;
use super::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV catalogue of Calibre, which knows books and ratings, but not whether they were read.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Calibre,
    known_by: &["title", "authors", "authorsort", "timestamp"],
    takes: &[
        "title",
        "titlesort",
        "authors",
        "authorsort",
        "isbn",
        "identifiers",
        "pubdate",
        "rating",
        "timestamp",
    ],
    read,
};

fn read(row: &Cells<'_>, draft: &mut Draft) {
    draft.book(Field::Title, row.get("title"));
    draft.book(Field::Author, &row.get("authors").replace(" & ", ", "));
    draft.isbn_or_other(row.get("isbn"));
    for identifier in row.get("identifiers").split(',') {
        if let Some(isbn) = identifier.trim().strip_prefix("isbn:") {
            draft.isbn_or_other(isbn);
        }
    }
    // A book without a day of publication has one in the year 101.
    if let Some(day) = text::days(row.get("pubdate")).first().filter(|day| day.year() > 101) {
        draft.year(&day.year().to_string());
    }
    draft.rating(row.get("rating"));
    draft.added(row.get("timestamp"));
    draft.status("");
}
