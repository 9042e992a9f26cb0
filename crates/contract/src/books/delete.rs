use bookshelf_domain::Expected;
use bookshelf_domain::books::{BookError, BookFields, BookId, WhenShelved};

use super::{add, found, titles};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddBook, book, isbn, moment, one_of};
use crate::saw::Must;

pub(super) async fn a_deleted_book_is_gone(store: Store) {
    let id = add(&store, "Gone").await.id;
    add(&store, "Here").await;
    store.books.delete(id, one_of([1]), WhenShelved::Refuse).await.must();
    ensure_eq!(store.book_reader.find(id).await.must(), None);
    ensure_eq!(titles(&store, Default::default()).await, ["Here"]);
}

pub(super) async fn a_missing_book_comes_before_a_stale_version(store: Store) {
    for expected in [Expected::Any, one_of([]), one_of([1])] {
        let answer = store.books.delete(BookId::new(1), expected, WhenShelved::Refuse).await;
        ensure!(matches!(answer, Err(BookError::NotFound)), "{answer:?}");
    }
}

pub(super) async fn a_stale_version_deletes_nothing(store: Store) {
    let book = add(&store, "Here").await;
    for expected in [one_of([]), one_of([2, 3])] {
        let answer = store.books.delete(book.id, expected, WhenShelved::Refuse).await;
        ensure!(matches!(answer, Err(BookError::Stale)), "{answer:?}");
        ensure_eq!(found(&store, book.id).await, book);
    }
}

pub(super) async fn an_isbn_is_free_once_its_book_is_deleted(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let first = store.books.add(fields.clone(), moment(0)).await.must().id;
    store.books.delete(first, Expected::Any, WhenShelved::Refuse).await.must();
    let second = store.books.add(fields, moment(0)).await.must();
    ensure_eq!(store.book_reader.find_by_isbn(isbn(1)).await.must(), Some(second));
}

pub(super) async fn of_simultaneous_deletions_one_succeeds(store: Store) {
    let id = add(&store, "Gone").await.id;
    let answers = store
        .at_once(20, |_| {
            let books = store.books.clone();
            async move { books.delete(id, one_of([1]), WhenShelved::Refuse).await }
        })
        .await;
    let succeeded = answers.iter().filter(|answer| answer.is_ok()).count();
    let missing = answers.iter().filter(|answer| matches!(answer, Err(BookError::NotFound)));
    ensure_eq!((succeeded, missing.count()), (1, 19));
}
