use bookshelf_domain::shelves::ReadingStatus;

use super::super::cells::Cells;
use super::super::reading_builder::{ReadingBuilder, known_status};
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

/// The plain name of `Your library`, the collection of all books that a reader owns. It means no status.
const EVERY_BOOK: &str = "yourlibrary";

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
    reading.fields.status = status(row.get("collections"), reading);
    let own: Vec<_> = collections(row.get("collections"))
        .filter(|name| plain_name(name) != EVERY_BOOK && meaning(name).is_none())
        .collect();
    if !own.is_empty() {
        reading.remark("status", format!("cannot keep other collections: {}", own.join(", ")));
    }
}

fn collections(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// The status that a collection means, if it means one.
fn meaning(collection: &str) -> Option<ReadingStatus> {
    match plain_name(collection).as_str() {
        "readbutunowned" => Some(ReadingStatus::Read),
        _ => known_status(collection).map(|(status, _)| status),
    }
}

/// LibraryThing has no status. The date of finishing counts first, then the collections, then the
/// date of starting. Of several collections the one with the most advanced status counts.
fn status(text: &str, reading: &ReadingBuilder) -> ReadingStatus {
    if reading.is_finished() {
        return ReadingStatus::Read;
    }
    let known: Vec<_> = collections(text).filter_map(meaning).collect();
    let furthest = [
        ReadingStatus::Read,
        ReadingStatus::Abandoned,
        ReadingStatus::Reading,
        ReadingStatus::WantToRead,
    ];
    let by_collection = furthest.into_iter().find(|status| known.contains(status));
    let by_date = reading.is_started().then_some(ReadingStatus::Reading);
    by_collection.or(by_date).unwrap_or_default()
}
