//! The desk over mocked ports: what it does with each answer of the catalogue. docs/testing.md shows
//! these tests.

use std::future::pending;
use std::sync::Arc;

use async_trait::async_trait;
use bookshelf_domain::StoreError;
use bookshelf_domain::books::{
    Book, BookError, BookId, BookQuery, BookReader, Isbn, MockBookReader, MockBookRepository,
};
use bookshelf_memory::a_book;
use mocked_ports::{Desk, DeskError};

fn reading(reader: impl BookReader + 'static) -> Desk {
    Desk { reader: Arc::new(reader), books: Arc::new(MockBookRepository::new()) }
}

fn writing(books: MockBookRepository) -> Desk {
    Desk { reader: Arc::new(MockBookReader::new()), books: Arc::new(books) }
}

// What the page shows begins here.
#[tokio::test]
async fn a_label_has_title_and_author() {
    let mut reader = MockBookReader::new();
    let dune = a_book().title("Dune").author("Frank Herbert").stored(7);
    reader.expect_find().once().return_once(|_| Ok(Some(dune)));
    assert_eq!(reading(reader).label(BookId::new(7)).await.unwrap(), "Dune, Frank Herbert");
}

#[tokio::test]
async fn a_book_that_is_not_there_has_no_label() {
    let mut reader = MockBookReader::new();
    reader.expect_find().withf(|id| id.get() == 7).returning(|_| Ok(None));
    assert_eq!(reading(reader).label(BookId::new(7)).await, Err(DeskError::NoSuchBook));
}

#[tokio::test]
async fn a_second_copy_gets_the_id_of_the_first() {
    let mut books = MockBookRepository::new();
    books.expect_insert().returning(|_| Err(BookError::IsbnTaken { by: BookId::new(3) }));
    let copy = a_book().isbn("978-0-441-17271-9").build();
    assert_eq!(writing(books).accept(copy).await, Ok(BookId::new(3)));
}

#[tokio::test]
async fn a_catalogue_that_is_away_may_come_back() {
    let mut books = MockBookRepository::new();
    let away = || StoreError::Unavailable("no connection".to_owned());
    books.expect_insert().returning(move |_| Err(away().into()));
    assert_eq!(writing(books).accept(a_book().build()).await, Err(DeskError::TryAgain));
}

/// A catalogue that never answers. A mock answers at once, so this is an adapter.
struct Hanging;

#[async_trait]
impl BookReader for Hanging {
    async fn find(&self, _: BookId) -> Result<Option<Book>, StoreError> {
        pending().await
    }

    async fn find_by_isbn(&self, _: Isbn) -> Result<Option<Book>, StoreError> {
        pending().await
    }

    async fn list(&self, _: BookQuery) -> Result<bookshelf_domain::Listing<Book>, StoreError> {
        pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_slow_catalogue() {
    assert_eq!(reading(Hanging).label(BookId::new(7)).await, Err(DeskError::TryAgain));
}
// And it ends here.

#[test]
fn the_page_shows_these_tests() {
    let (page, source) = (include_str!("../../../docs/testing.md"), include_str!("desk.rs"));
    let shown = source.split("begins here.\n").nth(1).and_then(|rest| rest.split("// And").next());
    assert!(page.contains(shown.unwrap()), "docs/testing.md has other tests than this file");
}
