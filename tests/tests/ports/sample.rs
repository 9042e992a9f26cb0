//! Values to fill a store with.

use bookshelf_domain::books::{BookFields, BookFilter, BookQuery, BookSort, Isbn, Year};
use bookshelf_domain::{Expected, Id, Line, Order, Prose, Start, Timestamp, Version};
use chrono::TimeDelta;

/// So many seconds after the moment at which the tests begin.
pub(crate) fn moment(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_800_000_000 + seconds)
}

pub(crate) fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::parse(text).unwrap()
}

pub(crate) fn prose<const MAX: usize>(text: &str) -> Prose<MAX> {
    Prose::parse(text).unwrap()
}

/// The id after this one.
pub(crate) fn next_id<T>(id: Id<T>) -> Id<T> {
    Id::new(id.get() + 1)
}

/// Expects one of these versions.
pub(crate) fn one_of<const N: usize>(versions: [i64; N]) -> Expected {
    Expected::OneOf(versions.map(Version::new).to_vec())
}

/// A book of this title and author and nothing else.
pub(crate) fn book(title: &str, author: &str) -> BookFields {
    BookFields {
        title: line(title),
        author: line(author),
        isbn: None,
        genre: None,
        year: None,
        description: None,
    }
}

/// The ISBN of this number.
pub(crate) fn isbn(number: usize) -> Isbn {
    let body = format!("978{number:09}");
    (0..10).find_map(|check| Isbn::parse(&format!("{body}{check}")).ok()).unwrap()
}

pub(crate) fn year(year: i32) -> Year {
    Year::stored(year)
}

/// All books in the order in which they were made.
pub(crate) fn every_book() -> BookQuery {
    BookQuery {
        filter: BookFilter::default(),
        sort: BookSort::CreatedAt,
        order: Order::Ascending,
        start: Start::Offset(0),
        limit: 1000,
        count: true,
    }
}
