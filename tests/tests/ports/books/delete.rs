use bookshelf_domain::Expected;
use bookshelf_domain::books::{BookError, BookFields, BookId, WhenShelved};
use bookshelf_tests::{AddBook, Store};

use super::{add, found, titles};
use crate::at_once::at_once;
use crate::sample::{book, isbn, moment, one_of};

contract! {
    a_deleted_book_is_gone,
    a_missing_book_comes_before_a_stale_version,
    a_stale_version_deletes_nothing,
    an_isbn_is_free_once_its_book_is_deleted,
    of_simultaneous_deletions_one_succeeds,
}

async fn a_deleted_book_is_gone(store: Store) {
    let id = add(&store, "Gone").await.id;
    add(&store, "Here").await;
    store.books.delete(id, one_of([1]), WhenShelved::Refuse).await.unwrap();
    assert_eq!(store.book_reader.find(id).await.unwrap(), None);
    assert_eq!(titles(&store, Default::default()).await, ["Here"]);
}

async fn a_missing_book_comes_before_a_stale_version(store: Store) {
    for expected in [Expected::Any, one_of([]), one_of([1])] {
        let answer = store.books.delete(BookId::new(1), expected, WhenShelved::Refuse).await;
        assert!(matches!(answer, Err(BookError::NotFound)), "{answer:?}");
    }
}

async fn a_stale_version_deletes_nothing(store: Store) {
    let book = add(&store, "Here").await;
    for expected in [one_of([]), one_of([2, 3])] {
        let answer = store.books.delete(book.id, expected, WhenShelved::Refuse).await;
        assert!(matches!(answer, Err(BookError::Stale)), "{answer:?}");
        assert_eq!(found(&store, book.id).await, book);
    }
}

async fn an_isbn_is_free_once_its_book_is_deleted(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let first = store.books.add(fields.clone(), moment(0)).await.unwrap().id;
    store.books.delete(first, Expected::Any, WhenShelved::Refuse).await.unwrap();
    let second = store.books.add(fields, moment(0)).await.unwrap();
    assert_eq!(store.book_reader.find_by_isbn(isbn(1)).await.unwrap(), Some(second));
}

async fn of_simultaneous_deletions_one_succeeds(store: Store) {
    let id = add(&store, "Gone").await.id;
    let answers = at_once(20, |_| {
        let books = store.books.clone();
        async move { books.delete(id, one_of([1]), WhenShelved::Refuse).await }
    })
    .await;
    let succeeded = answers.iter().filter(|answer| answer.is_ok()).count();
    let missing = answers.iter().filter(|answer| matches!(answer, Err(BookError::NotFound)));
    assert_eq!((succeeded, missing.count()), (1, 19));
}
