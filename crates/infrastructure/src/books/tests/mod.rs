//! Helpers for the tests of both databases.

mod agreement;

use bookshelf_domain::books::{
    Author, Book, BookFields, BookFilter, BookQuery, BookRepository, BookSort, NewBook, Title,
};
use bookshelf_domain::{Order, Start, Timestamp};

pub(crate) use agreement::{Plans, every_plan_gives_the_same_answer};

pub(crate) const SORTS: [BookSort; 5] =
    [BookSort::Title, BookSort::Author, BookSort::Year, BookSort::CreatedAt, BookSort::Rating];
pub(crate) const ORDERS: [Order; 2] = [Order::Ascending, Order::Descending];

/// Adds a book without an idempotency key.
pub(crate) async fn add(books: &dyn BookRepository, fields: BookFields, at: Timestamp) -> Book {
    books.insert(NewBook { fields, at, idempotency_key: None }).await.unwrap().into_inner()
}

pub(crate) fn fields(title: &str, author: &str) -> BookFields {
    BookFields {
        title: Title::parse(title).unwrap(),
        author: Author::parse(author).unwrap(),
        isbn: None,
        genre: None,
        year: None,
        description: None,
    }
}

pub(crate) fn moment(micros: i64) -> Timestamp {
    Timestamp::from_timestamp_micros(1_790_000_000_000_000 + micros).unwrap()
}

pub(crate) fn page(
    filter: BookFilter,
    sort: BookSort,
    order: Order,
    start: Start<Book>,
) -> BookQuery {
    BookQuery { filter, sort, order, start, limit: 7, count: true }
}
