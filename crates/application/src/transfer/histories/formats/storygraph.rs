use super::super::cells::Cells;
use super::super::draft::Draft;
use super::{Format, Origin};
use crate::transfer::columns::Field;

/// The CSV of The StoryGraph.
pub(super) const FORMAT: Format = Format {
    origin: Origin::StoryGraph,
    known_by: &["title", "authors", "readstatus"],
    takes: &[
        "title",
        "authors",
        "isbnuid",
        "readstatus",
        "dateadded",
        "lastdateread",
        "datesread",
        "starrating",
        "review",
    ],
    read,
};

fn read(row: &Cells<'_>, draft: &mut Draft) {
    draft.book(Field::Title, row.get("title"));
    draft.book(Field::Author, row.get("authors"));
    draft.isbn_or_other(row.get("isbnuid"));
    draft.rating(row.get("starrating"));
    draft.html_notes(row.get("review"));
    draft.finished(row.get("lastdateread"));
    draft.ranges(row.get("datesread"));
    draft.added(row.get("dateadded"));
    draft.status(row.get("readstatus"));
}
