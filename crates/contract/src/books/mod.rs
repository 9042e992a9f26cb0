//! The catalogue: [`BookReader`](bookshelf_domain::books::BookReader) and
//! [`BookRepository`](bookshelf_domain::books::BookRepository).
//!
//! The clauses use `book_reader` and `books` alone. Those about idempotency keys are in
//! [`idempotency`](crate::idempotency), and those about books on shelves in
//! [`shelves`](crate::shelves).

mod contract;
mod cover;
mod delete;
mod durable;
mod find;
mod import;
mod insert;
mod order;
mod pages;
mod search;
mod search_changes;
mod update;

use bookshelf_domain::Repositories;
use bookshelf_domain::books::{Book, BookFilter, BookId, BookPatch, BookQuery, BookUpdate};
use bookshelf_domain::{Expected, SearchText};

use crate::Store;
use crate::macros::clauses;
use crate::sample::{AddBook, book, every_book, moment};
use crate::saw::Must;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Repositories> {
    crate::books! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Repositories>>,
{
    contract().run(factory).await
}

/// Adds a book of this title; the author is always the same.
async fn add(store: &Store, title: &str) -> Book {
    store.books.add(book(title, "Ann Author"), moment(0)).await.must()
}

async fn found(store: &Store, id: BookId) -> Book {
    store.book_reader.find(id).await.must().must()
}

/// The titles that a filter lets through, in the order in which they were added.
async fn titles(store: &Store, filter: BookFilter) -> Vec<String> {
    listed(store, BookQuery { filter, ..every_book() }).await
}

async fn listed(store: &Store, query: BookQuery) -> Vec<String> {
    let listing = store.book_reader.list(query).await.must();
    listing.items.into_iter().map(|book| book.fields.title.into_string()).collect()
}

fn title_has(part: &str) -> BookFilter {
    BookFilter { title: Some(SearchText::new(part)), ..BookFilter::default() }
}

fn change(id: BookId, expected: Expected, patch: BookPatch) -> BookUpdate {
    BookUpdate { id, expected, patch, at: moment(60) }
}
