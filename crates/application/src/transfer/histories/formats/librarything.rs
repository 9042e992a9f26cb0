use bookshelf_domain::shelves::ReadingStatus;

use super::super::cells::{Cells, plain};
use super::super::draft::Draft;
use super::super::text;
use super::{Format, Origin};
use crate::transfer::columns::Field;

/// The tab-separated file of LibraryThing.
pub(super) const FORMAT: Format = Format {
    origin: Origin::LibraryThing,
    known_by: &["title", "primaryauthor", "collections"],
    takes: &[
        "title",
        "primaryauthor",
        "isbn",
        "isbns",
        "date",
        "review",
        "privatecomment",
        "rating",
        "datestarted",
        "dateread",
        "collections",
        "entrydate",
    ],
    read,
};

fn read(row: &Cells<'_>, draft: &mut Draft) {
    draft.book(Field::Title, row.get("title"));
    draft.book(Field::Author, &text::turned(row.get("primaryauthor")));
    // 10 digits, then 13 of the same book.
    for isbn in row.get("isbns").rsplit(',').chain([row.get("isbn")]) {
        draft.book(Field::Isbn, isbn.trim().trim_matches(['[', ']']));
    }
    draft.year(row.get("date"));
    draft.rating(row.get("rating"));
    draft.html_notes(row.get("review"));
    draft.notes(row.get("privatecomment"));
    draft.started(row.get("datestarted"));
    draft.finished(row.get("dateread"));
    draft.added(row.get("entrydate"));
    let status = status(row.get("collections"), draft);
    draft.set_status(status);
    let own: Vec<_> =
        collections(row.get("collections")).filter(|name| known(name).is_none()).collect();
    if !own.is_empty() {
        draft.remark("status", format!("has no place for other collections: {}", own.join(", ")));
    }
}

fn collections(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// What one of LibraryThing's own collections says: a status, or nothing.
fn known(name: &str) -> Option<Option<ReadingStatus>> {
    Some(match plain(name).as_str() {
        "toread" | "wishlist" => Some(ReadingStatus::WantToRead),
        "currentlyreading" => Some(ReadingStatus::Reading),
        "readbutunowned" => Some(ReadingStatus::Read),
        "yourlibrary" => None,
        _ => return None,
    })
}

/// LibraryThing keeps no status: the days come first, then the collections.
fn status(text: &str, draft: &Draft) -> ReadingStatus {
    if draft.has_finished() {
        return ReadingStatus::Read;
    }
    let said = collections(text).find_map(|name| known(name).flatten());
    let by_days = draft.has_started().then_some(ReadingStatus::Reading);
    said.or(by_days).unwrap_or_default()
}
