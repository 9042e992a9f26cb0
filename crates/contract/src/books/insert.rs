use std::collections::HashSet;

use bookshelf_domain::books::{BookError, BookFields, BookId, RatingSummary, WhenShelved};
use bookshelf_domain::{Expected, Version};

use super::add;
use crate::Store;
use crate::macros::{broken, ensure, ensure_eq};
use crate::sample::{AddBook, book, isbn, moment};
use crate::saw::Must;

pub(super) async fn a_new_book_has_version_one_and_no_ratings(store: Store) {
    let fields = book("Middlemarch", "George Eliot");
    let book = store.books.add(fields.clone(), moment(5)).await.must();
    ensure_eq!(book.fields, fields);
    ensure_eq!(book.version, Version::FIRST);
    ensure_eq!(book.rating, RatingSummary::default());
    ensure_eq!((book.created_at, book.updated_at), (moment(5), moment(5)));
    ensure!(book.id.get() > 0);
}

pub(super) async fn ids_grow(store: Store) {
    let mut last = BookId::new(0);
    for number in 0..20 {
        let id = add(&store, &format!("Book {number}")).await.id;
        ensure!(id > last, "{id} after {last}");
        last = id;
    }
}

pub(super) async fn the_id_of_a_deleted_book_is_never_given_again(store: Store) {
    add(&store, "First").await;
    let last = add(&store, "Last").await.id;
    store.books.delete(last, Expected::Any, WhenShelved::Refuse).await.must();
    ensure!(add(&store, "Next").await.id > last);
}

pub(super) async fn simultaneous_inserts_all_get_ids_of_their_own(store: Store) {
    let ids = store
        .at_once(64, |number| {
            let (books, book_reader) = (store.books.clone(), store.book_reader.clone());
            async move {
                let fields = book(&format!("Book {number}"), "Ann Author");
                let inserted = books.add(fields, moment(0)).await.must();
                ensure_eq!(book_reader.find(inserted.id).await.must().as_ref(), Some(&inserted));
                inserted.id
            }
        })
        .await;
    ensure_eq!(ids.into_iter().collect::<HashSet<_>>().len(), 64);
}

pub(super) async fn an_isbn_that_is_taken_names_its_holder(store: Store) {
    add(&store, "No number").await;
    let fields = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let holder = store.books.add(fields.clone(), moment(0)).await.must();
    let again = BookFields { isbn: Some(isbn(1)), ..book("C", "D") };
    match store.books.add(again, moment(1)).await {
        Err(BookError::IsbnTaken { by }) => ensure_eq!(by, holder.id),
        other => broken!("{other:?}"),
    }
    ensure_eq!(super::titles(&store, Default::default()).await, ["No number", "A"]);
}

pub(super) async fn of_simultaneous_inserts_of_one_isbn_one_succeeds(store: Store) {
    let answers = store
        .at_once(32, |number| {
            let books = store.books.clone();
            let fields = BookFields { isbn: Some(isbn(7)), ..book(&format!("Book {number}"), "A") };
            async move { books.add(fields, moment(0)).await }
        })
        .await;
    let holder = store.book_reader.find_by_isbn(isbn(7)).await.must().must().id;
    let mut succeeded = 0;
    for answer in answers {
        match answer {
            Ok(book) => {
                ensure_eq!(book.id, holder);
                succeeded += 1;
            }
            Err(BookError::IsbnTaken { by }) => ensure_eq!(by, holder),
            Err(other) => broken!("{other:?}"),
        }
    }
    ensure_eq!(succeeded, 1);
}
