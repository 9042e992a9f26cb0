use super::super::cells::Cells;
use super::super::reading_builder::ReadingBuilder;
use super::format::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV of Hardcover.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Hardcover,
    known_by: &["title", "author", "status", "hardcoverbookid"],
    repeated: &[],
    fill,
};

fn fill(row: &Cells<'_>, reading: &mut ReadingBuilder) {
    reading.book(Field::Title, row.get("title"));
    reading.book(Field::Author, &writers(row.get("author")));
    reading.isbn_or_other(row.get("isbn13"));
    // A Kindle book has its ASIN in this column too.
    if row.get("isbn10") != row.get("asin") {
        reading.isbn_or_other(row.get("isbn10"));
    }
    reading.rating(row.get("rating"));
    reading.html_notes(row.get("review"));
    reading.notes(row.get("privatenotes"));
    reading.started(row.get("datestarted"));
    reading.finished(row.get("datefinished"));
    reading.added(row.get("dateadded"));
    reading.status(row.get("status"));
}

/// The names without a role such as `(Translator)`, or all names if each has a role.
fn writers(names: &str) -> String {
    let writers: Vec<_> =
        names.split(',').map(str::trim).filter(|name| !name.ends_with(')')).collect();
    if writers.is_empty() { names.to_owned() } else { writers.join(", ") }
}
