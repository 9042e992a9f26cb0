use super::super::cells::{Cells, plain};
use super::super::draft::Draft;
use super::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV of Goodreads, with 24 columns since 2022 and 31 before.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Goodreads,
    known_by: &["title", "author", "exclusiveshelf"],
    takes: &[
        "title",
        "author",
        "authorlf",
        "isbn13",
        "isbn",
        "originalpublicationyear",
        "yearpublished",
        "exclusiveshelf",
        "myrating",
        "dateread",
        "dateadded",
        "myreview",
        "privatenotes",
        "bookshelves",
        "bookshelveswithpositions",
    ],
    read,
};

fn read(row: &Cells<'_>, draft: &mut Draft) {
    draft.book(Field::Title, row.get("title"));
    draft.book(Field::Author, row.get("author"));
    draft.book(Field::Isbn, row.get("isbn13"));
    draft.book(Field::Isbn, row.get("isbn"));
    draft.year(row.get("originalpublicationyear"));
    draft.year(row.get("yearpublished"));
    draft.rating(row.get("myrating"));
    draft.html_notes(row.get("myreview"));
    draft.notes(row.get("privatenotes"));
    draft.finished(row.get("dateread"));
    draft.added(row.get("dateadded"));
    let exclusive = row.get("exclusiveshelf");
    draft.status(exclusive);
    let others: Vec<_> = row
        .get("bookshelves")
        .split(',')
        .map(str::trim)
        .filter(|shelf| !shelf.is_empty() && plain(shelf) != plain(exclusive))
        .collect();
    if !others.is_empty() {
        draft.remark("status", format!("has no place for other shelves: {}", others.join(", ")));
    }
}
