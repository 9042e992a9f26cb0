use super::super::cells::Cells;
use super::super::reading_builder::ReadingBuilder;
use super::format::{Format, Origin};
use crate::transfer::columns::{Field, plain_name};

/// The CSV of Goodreads, with 24 columns since 2022 and 31 before.
pub(super) const FORMAT: Format = Format {
    origin: Origin::Goodreads,
    known_by: &["title", "author", "exclusiveshelf"],
    repeated: &["authorlf", "bookshelveswithpositions"],
    fill,
};

fn fill(row: &Cells<'_>, reading: &mut ReadingBuilder) {
    reading.book(Field::Title, row.get("title"));
    reading.book(Field::Author, row.get("author"));
    reading.book(Field::Isbn, row.get("isbn13"));
    reading.book(Field::Isbn, row.get("isbn"));
    reading.year(row.get("originalpublicationyear"));
    reading.year(row.get("yearpublished"));
    reading.rating(row.get("myrating"));
    reading.html_notes(row.get("myreview"));
    reading.notes(row.get("privatenotes"));
    reading.finished(row.get("dateread"));
    reading.added(row.get("dateadded"));
    let exclusive = row.get("exclusiveshelf");
    reading.status(exclusive);
    let others: Vec<_> = row
        .get("bookshelves")
        .split(',')
        .map(str::trim)
        .filter(|shelf| !shelf.is_empty() && plain_name(shelf) != plain_name(exclusive))
        .collect();
    if !others.is_empty() {
        reading.remark("status", format!("cannot keep other shelves: {}", others.join(", ")));
    }
}
