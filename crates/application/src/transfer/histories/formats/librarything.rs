use bookshelf_domain::shelves::{ReadingStatus, ShelfFields};

use super::super::cells::Cells;
use super::super::reading_builder::ReadingBuilder;
use super::super::text;
use super::format::{Format, Origin};
use crate::transfer::columns::{Field, plain_name};

/// The tab-separated file of LibraryThing.
pub(super) const FORMAT: Format = Format {
    origin: Origin::LibraryThing,
    known_by: &["title", "primaryauthor", "collections"],
    repeated: &[],
    fill,
};

fn fill(row: &Cells<'_>, reading: &mut ReadingBuilder) {
    reading.book(Field::Title, row.get("title"));
    reading.book(Field::Author, &text::first_name_first(row.get("primaryauthor")));
    // The ISBN of 13 digits comes last and is preferred.
    for isbn in row.get("isbns").rsplit(',').chain([row.get("isbn")]) {
        reading.book(Field::Isbn, isbn.trim().trim_matches(['[', ']']));
    }
    reading.year(row.get("date"));
    reading.rating(row.get("rating"));
    reading.html_notes(row.get("review"));
    reading.notes(row.get("privatecomment"));
    reading.started(row.get("datestarted"));
    reading.finished(row.get("dateread"));
    reading.added(row.get("entrydate"));
    reading.fields.status = status(row.get("collections"), &reading.fields);
    let own: Vec<_> =
        collections(row.get("collections")).filter(|name| known(name).is_none()).collect();
    if !own.is_empty() {
        reading.remark("status", format!("cannot keep other collections: {}", own.join(", ")));
    }
}

fn collections(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// The status that one of LibraryThing's own collections stands for, if it stands for one.
fn known(name: &str) -> Option<Option<ReadingStatus>> {
    Some(match plain_name(name).as_str() {
        "toread" | "wishlist" => Some(ReadingStatus::WantToRead),
        "currentlyreading" => Some(ReadingStatus::Reading),
        "readbutunowned" => Some(ReadingStatus::Read),
        "yourlibrary" => None,
        _ => return None,
    })
}

/// LibraryThing has no status. The date of finishing counts first, then the collections, then the
/// date of starting.
fn status(text: &str, fields: &ShelfFields) -> ReadingStatus {
    if fields.finished_on.is_some() {
        return ReadingStatus::Read;
    }
    let by_collection = collections(text).find_map(|name| known(name).flatten());
    let by_date = fields.started_on.map(|_| ReadingStatus::Reading);
    by_collection.or(by_date).unwrap_or_default()
}
