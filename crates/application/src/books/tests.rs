//! The use cases of the catalogue, through mocked ports.

use std::sync::Arc;

use bookshelf_domain::books::{BookDraft, BookError, BookId, MockBookReader, MockBookRepository};
use bookshelf_domain::{Change, Expected, Made, Version};

use super::Books;
use crate::Error;
use crate::tests::{book, catalogue_writer, clock, now};

fn books(repository: MockBookRepository) -> Books {
    Books::new(Arc::new(MockBookReader::new()), Arc::new(repository), clock())
}

fn draft(title: &str) -> BookDraft {
    BookDraft {
        title: Change::Set(title.into()),
        author: Change::Set("Ann".into()),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_book_is_made_at_the_time_of_the_clock() {
    let mut repository = MockBookRepository::new();
    repository
        .expect_insert()
        .withf(|new| new.fields.title.as_str() == "A title" && new.at == now())
        .once()
        .returning(|new| Ok(Made::Now(book(1, new.fields))));
    let made =
        books(repository).create(&catalogue_writer(), draft("  A title "), None).await.unwrap();
    let Made::Now(made) = made else { panic!("nothing was made before") };
    assert_eq!(made.fields.genre(), "Unknown");
}

#[tokio::test]
async fn nothing_reaches_the_store_while_a_draft_is_wrong() {
    let unreachable = books(MockBookRepository::new());
    let error =
        unreachable.create(&catalogue_writer(), BookDraft::default(), None).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)));
    let error = unreachable
        .replace(&catalogue_writer(), BookId::new(1), Expected::Any, BookDraft::default())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)));
    let error = unreachable.get_by_isbn("12").await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)));
}

#[tokio::test]
async fn a_replacement_clears_what_it_leaves_out_and_a_patch_keeps_it() {
    let mut repository = MockBookRepository::new();
    repository
        .expect_update()
        .withf(|update| update.patch.genre == Change::Clear && update.expected == Expected::Any)
        .once()
        .returning(|_| Err(BookError::NotFound));
    let error = books(repository)
        .replace(&catalogue_writer(), BookId::new(1), Expected::Any, draft("T"))
        .await;
    assert!(matches!(error, Err(Error::NotFound("book"))));

    let mut repository = MockBookRepository::new();
    repository
        .expect_update()
        .withf(|update| update.patch.genre == Change::Keep)
        .once()
        .returning(|_| Err(BookError::Stale));
    let expected = Expected::OneOf(vec![Version::FIRST]);
    let error =
        books(repository).patch(&catalogue_writer(), BookId::new(1), expected, draft("T")).await;
    assert!(matches!(error, Err(Error::Stale)));
}

#[tokio::test]
async fn a_taken_isbn_names_its_holder() {
    let mut repository = MockBookRepository::new();
    repository.expect_insert().returning(|_| Err(BookError::IsbnTaken { by: BookId::new(7) }));
    let error = books(repository).create(&catalogue_writer(), draft("T"), None).await.unwrap_err();
    assert!(matches!(error, Error::IsbnTaken { by } if by.get() == 7));
}
