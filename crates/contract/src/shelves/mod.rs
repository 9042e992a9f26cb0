//! The shelves: [`ShelfRepository`](bookshelf_domain::shelves::ShelfRepository), and what the
//! repositories of books and users promise of shelves.
//!
//! The clauses also use `users`, `books` and `book_reader`.

mod books;
mod contract;
mod delete;
mod durable;
mod import;
mod insert;
mod list;
mod ratings;
mod simultaneous;
mod stats;
mod update;

use bookshelf_domain::Repositories;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{Book, BookId};
use bookshelf_domain::shelves::{
    NewShelfEntry, ReadingDate, ReadingStatus, ShelfEntry, ShelfEntryId, ShelfError, ShelfFields,
    ShelfFilter, ShelfQuery, ShelfSort, ShelfTarget, WhenUnknown,
};
use bookshelf_domain::{Made, Order, Start};

use crate::Store;
use crate::macros::broken;
use crate::macros::clauses;
use crate::sample::{AddBook, book, moment, stars};
use crate::saw::Must;
use crate::users::add as add_user;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Repositories> {
    crate::shelves! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Repositories>>,
{
    contract().run(factory).await
}

/// Somebody with a shelf.
async fn reader(store: &Store, name: &str) -> UserId {
    add_user(store, &format!("{name}@example.com")).await.id
}

async fn add_book(store: &Store, title: &str) -> Book {
    store.books.add(book(title, "Ann Author"), moment(0)).await.must()
}

async fn found_book(store: &Store, id: BookId) -> Book {
    store.book_reader.find(id).await.must().must()
}

fn day(text: &str) -> Option<ReadingDate> {
    Some(text.parse().must())
}

fn rated(rating: i64) -> ShelfFields {
    ShelfFields { rating: stars(rating), ..ShelfFields::default() }
}

fn with_status(status: ReadingStatus) -> ShelfFields {
    ShelfFields { status, ..ShelfFields::default() }
}

fn entry(user_id: UserId, book: BookId, fields: ShelfFields) -> NewShelfEntry {
    let target = ShelfTarget::Existing(book);
    NewShelfEntry {
        user_id,
        target,
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        fields,
        at: moment(10),
        idempotency_key: None,
    }
}

async fn try_put(store: &Store, entry: NewShelfEntry) -> Result<ShelfEntry, ShelfError> {
    let made = store.shelves.insert(entry).await?;
    let Made::Now(made) = made else { broken!("nothing was made before") };
    Ok(made)
}

async fn put(store: &Store, user: UserId, book: BookId, fields: ShelfFields) -> ShelfEntry {
    try_put(store, entry(user, book, fields)).await.must()
}

async fn found(store: &Store, user: UserId, id: ShelfEntryId) -> ShelfEntry {
    store.shelves.find(user, id).await.must().must()
}

fn everything(user: UserId) -> ShelfQuery {
    ShelfQuery {
        user,
        filter: ShelfFilter::default(),
        sort: ShelfSort::AddedAt,
        order: Order::Ascending,
        start: Start::Offset(0),
        limit: 1000,
        count: true,
    }
}

/// The titles of a page.
async fn titles(store: &Store, query: ShelfQuery) -> Vec<String> {
    let listing = store.shelves.list(query).await.must();
    listing.items.into_iter().map(|entry| entry.book.fields.title.into_string()).collect()
}
