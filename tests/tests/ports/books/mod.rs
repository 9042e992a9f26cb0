mod cover;
mod delete;
mod find;
pub(crate) mod import;
mod insert;
mod order;
mod pages;
mod search;
mod search_changes;
mod update;

use bookshelf_domain::books::{Book, BookFilter, BookId, BookPatch, BookQuery, BookUpdate};
use bookshelf_domain::{Expected, Order, SearchText};
use bookshelf_tests::{AddBook, Store};

use crate::sample::{book, every_book, moment};

/// Adds a book of this title; the author is always the same.
async fn add(store: &Store, title: &str) -> Book {
    store.books.add(book(title, "Ann Author"), moment(0)).await.unwrap()
}

async fn found(store: &Store, id: BookId) -> Book {
    store.book_reader.find(id).await.unwrap().unwrap()
}

/// The titles that a filter lets through, in the order in which they were added.
async fn titles(store: &Store, filter: BookFilter) -> Vec<String> {
    listed(store, BookQuery { filter, ..every_book() }).await
}

async fn listed(store: &Store, query: BookQuery) -> Vec<String> {
    let listing = store.book_reader.list(query).await.unwrap();
    listing.items.into_iter().map(|book| book.fields.title.into_string()).collect()
}

fn title_has(part: &str) -> BookFilter {
    BookFilter { title: Some(SearchText::new(part)), ..BookFilter::default() }
}

fn change(id: BookId, expected: Expected, patch: BookPatch) -> BookUpdate {
    BookUpdate { id, expected, patch, at: moment(60) }
}

pub(crate) const BOTH_ORDERS: [Order; 2] = [Order::Ascending, Order::Descending];
