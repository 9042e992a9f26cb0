use super::super::cells::Cells;
use super::super::draft::Draft;
use super::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV of Hardcover.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Hardcover,
    known_by: &["title", "author", "status", "hardcoverbookid"],
    takes: &[
        "title",
        "author",
        "isbn13",
        "isbn10",
        "asin",
        "status",
        "rating",
        "review",
        "privatenotes",
        "dateadded",
        "datestarted",
        "datefinished",
    ],
    read,
};

fn read(row: &Cells<'_>, draft: &mut Draft) {
    draft.book(Field::Title, row.get("title"));
    draft.book(Field::Author, &writers(row.get("author")));
    draft.isbn_or_other(row.get("isbn13"));
    // Kindle books repeat their ASIN there.
    if row.get("isbn10") != row.get("asin") {
        draft.isbn_or_other(row.get("isbn10"));
    }
    draft.rating(row.get("rating"));
    draft.html_notes(row.get("review"));
    draft.notes(row.get("privatenotes"));
    draft.started(row.get("datestarted"));
    draft.finished(row.get("datefinished"));
    draft.added(row.get("dateadded"));
    draft.status(row.get("status"));
}

/// The names without a role, `Natasha Wimmer (Translator)`; all, if each has one.
fn writers(names: &str) -> String {
    let writers: Vec<_> =
        names.split(',').map(str::trim).filter(|name| !name.ends_with(')')).collect();
    if writers.is_empty() { names.to_owned() } else { writers.join(", ") }
}
