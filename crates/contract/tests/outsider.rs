//! An adapter from elsewhere: the catalogue over a `HashMap`, which keeps some clauses and says so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bookshelf_contract::{Fixture, Store, books};
use bookshelf_domain::books::*;
use bookshelf_domain::covers::CoverName;
use bookshelf_domain::{Expected, Listing, Made, Repositories, StoreError, Version};
use bookshelf_memory::Memory;

#[derive(Default)]
struct MyBooks {
    rows: Mutex<HashMap<BookId, Book>>,
    takes_every_isbn: bool,
}

impl MyBooks {
    fn rows(&self) -> MutexGuard<'_, HashMap<BookId, Book>> {
        self.rows.lock().unwrap()
    }
}

#[async_trait]
impl BookReader for MyBooks {
    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError> {
        Ok(self.rows().get(&id).cloned())
    }
    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError> {
        Ok(self.rows().values().find(|book| book.fields.isbn == Some(isbn)).cloned())
    }
    async fn list(&self, _: BookQuery) -> Result<Listing<Book>, StoreError> {
        let mut items: Vec<Book> = self.rows().values().cloned().collect();
        items.sort_by_key(|book| book.id);
        Ok(Listing { items, has_next: false, total: None })
    }
}

#[async_trait]
impl BookRepository for MyBooks {
    async fn insert(&self, new: NewBook) -> Result<Made<Book>, BookError> {
        let mut rows = self.rows();
        let holder = rows
            .values()
            .find(|book| new.fields.isbn.is_some() && book.fields.isbn == new.fields.isbn);
        if let Some(holder) = holder.filter(|_| !self.takes_every_isbn) {
            return Err(BookError::IsbnTaken { by: holder.id });
        }
        let id = BookId::new(rows.len() as i64 + 1);
        let (version, created_at, updated_at) = (Version::FIRST, new.at, new.at);
        let (fields, rating, cover) = (new.fields, RatingSummary::default(), None);
        let book = Book { id, fields, rating, cover, version, created_at, updated_at };
        rows.insert(id, book.clone());
        Ok(Made::Now(book))
    }
    async fn read_after(&self, _: BookId, _: u32) -> Result<Vec<Book>, StoreError> {
        unimplemented!("no export yet")
    }
    async fn update(&self, _: BookUpdate) -> Result<Book, BookError> {
        unimplemented!("no updates yet")
    }
    async fn set_cover(&self, _: CoverUpdate) -> Result<Book, BookError> {
        unimplemented!("no covers yet")
    }
    async fn used_covers(&self, _: Vec<CoverName>) -> Result<Vec<CoverName>, StoreError> {
        unimplemented!("no covers yet")
    }
    async fn delete(&self, _: BookId, _: Expected, _: WhenShelved) -> Result<u64, BookError> {
        unimplemented!("no deletion yet")
    }
    async fn import(&self, _: ImportBatch) -> Result<Vec<Imported>, StoreError> {
        unimplemented!("no imports yet")
    }
}

fn store(takes_every_isbn: bool) -> Store {
    let mine = Arc::new(MyBooks { takes_every_isbn, ..MyBooks::default() });
    let other = Memory::new().repositories();
    Fixture::new(Repositories { book_reader: mine.clone(), books: mine, ..other })
}

/// The clauses that this adapter claims to keep.
const CLAIMED: [&str; 8] = [
    "a_new_book_has_version_one_and_no_ratings",
    "ids_grow",
    "simultaneous_inserts_all_get_ids_of_their_own",
    "an_isbn_that_is_taken_names_its_holder",
    "of_simultaneous_inserts_of_one_isbn_one_succeeds",
    "a_book_comes_back_to_the_byte",
    "times_are_kept_to_the_microsecond",
    "there_is_no_book_where_none_was_made",
];

#[tokio::test]
async fn the_claimed_clauses_hold() {
    let report = books::run_all(|| async { store(false) }).await;
    for name in CLAIMED {
        assert!(report.passed.iter().any(|clause| clause.name == name), "{name}\n{report}");
    }
    // A method that is missing breaks its clauses, and nothing else.
    assert!(report.to_string().contains("not implemented: no deletion yet"), "{report}");
    assert_eq!(
        report.passed.len() + report.broken.len() + report.skipped.len(),
        books::contract().clauses().len()
    );
}

#[tokio::test]
async fn a_duplicate_isbn_is_named_by_its_clause() {
    let before = books::run_all(|| async { store(false) }).await;
    let after = books::run_all(|| async { store(true) }).await;
    let new: Vec<_> = after
        .broken
        .iter()
        .filter(|broken| before.passed.contains(&broken.clause))
        .map(ToString::to_string)
        .collect();
    assert_eq!(new.len(), 2, "{new:#?}");
    let start = "[books::insert/an_isbn_that_is_taken_names_its_holder] MUST return `IsbnTaken` with \
                 the id of the book that has the ISBN, and add nothing; saw Ok(Book {";
    assert!(new[0].starts_with(start), "{}", new[0]);
    assert!(new[1].starts_with("[books::insert/of_simultaneous_inserts_of_one_isbn"), "{}", new[1]);
}
