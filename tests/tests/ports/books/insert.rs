use std::collections::HashSet;

use bookshelf_domain::books::{BookError, BookFields, BookId, RatingSummary, WhenShelved};
use bookshelf_domain::{Expected, Version};
use bookshelf_tests::{AddBook, Store};

use super::add;
use crate::at_once::at_once;
use crate::sample::{book, isbn, moment};

contract! {
    a_new_book_has_version_one_and_no_ratings,
    ids_grow,
    the_id_of_a_deleted_book_is_never_given_again,
    simultaneous_inserts_all_get_ids_of_their_own,
    an_isbn_that_is_taken_names_its_holder,
    of_simultaneous_inserts_of_one_isbn_one_succeeds,
}

async fn a_new_book_has_version_one_and_no_ratings(store: Store) {
    let fields = book("Middlemarch", "George Eliot");
    let book = store.books.add(fields.clone(), moment(5)).await.unwrap();
    assert_eq!(book.fields, fields);
    assert_eq!(book.version, Version::FIRST);
    assert_eq!(book.rating, RatingSummary::default());
    assert_eq!((book.created_at, book.updated_at), (moment(5), moment(5)));
    assert!(book.id.get() > 0);
}

async fn ids_grow(store: Store) {
    let mut last = BookId::new(0);
    for number in 0..20 {
        let id = add(&store, &format!("Book {number}")).await.id;
        assert!(id > last, "{id} after {last}");
        last = id;
    }
}

async fn the_id_of_a_deleted_book_is_never_given_again(store: Store) {
    add(&store, "First").await;
    let last = add(&store, "Last").await.id;
    store.books.delete(last, Expected::Any, WhenShelved::Refuse).await.unwrap();
    assert!(add(&store, "Next").await.id > last);
}

async fn simultaneous_inserts_all_get_ids_of_their_own(store: Store) {
    let ids = at_once(64, |number| {
        let (books, book_reader) = (store.books.clone(), store.book_reader.clone());
        async move {
            let fields = book(&format!("Book {number}"), "Ann Author");
            let inserted = books.add(fields, moment(0)).await.unwrap();
            assert_eq!(book_reader.find(inserted.id).await.unwrap().as_ref(), Some(&inserted));
            inserted.id
        }
    })
    .await;
    assert_eq!(ids.into_iter().collect::<HashSet<_>>().len(), 64);
}

async fn an_isbn_that_is_taken_names_its_holder(store: Store) {
    add(&store, "No number").await;
    let fields = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let holder = store.books.add(fields.clone(), moment(0)).await.unwrap();
    let again = BookFields { isbn: Some(isbn(1)), ..book("C", "D") };
    match store.books.add(again, moment(1)).await {
        Err(BookError::IsbnTaken { by }) => assert_eq!(by, holder.id),
        other => panic!("{other:?}"),
    }
    assert_eq!(super::titles(&store, Default::default()).await, ["No number", "A"]);
}

async fn of_simultaneous_inserts_of_one_isbn_one_succeeds(store: Store) {
    let answers = at_once(32, |number| {
        let books = store.books.clone();
        let fields = BookFields { isbn: Some(isbn(7)), ..book(&format!("Book {number}"), "A") };
        async move { books.add(fields, moment(0)).await }
    })
    .await;
    let holder = store.book_reader.find_by_isbn(isbn(7)).await.unwrap().unwrap().id;
    let mut succeeded = 0;
    for answer in answers {
        match answer {
            Ok(book) => {
                assert_eq!(book.id, holder);
                succeeded += 1;
            }
            Err(BookError::IsbnTaken { by }) => assert_eq!(by, holder),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(succeeded, 1);
}
