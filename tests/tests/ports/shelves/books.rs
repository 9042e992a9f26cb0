//! Deleting a book that stands on shelves.

use crate::sample::one_of;
use bookshelf_domain::Expected;
use bookshelf_domain::books::{BookError, BookId, WhenShelved};
use bookshelf_domain::shelves::{ShelfEntryId, ShelfError};
use bookshelf_tests::Store;

use super::{add_book, entry, found, found_book, put, rated, reader, try_put};
use crate::at_once::at_once;

contract! {
    a_book_on_shelves_is_kept_and_they_are_counted,
    a_book_is_free_when_it_is_on_no_shelf_any_more,
    a_forced_deletion_takes_the_entries_with_it,
    a_missing_book_and_a_stale_version_come_before_the_shelves,
    nothing_dangles_when_a_book_goes_while_it_is_shelved,
}

async fn a_book_on_shelves_is_kept_and_they_are_counted(store: Store) {
    let book = add_book(&store, "A").await.id;
    for name in ["ann", "bob", "cem"] {
        let user = reader(&store, name).await;
        put(&store, user, book, rated(4)).await;
    }
    let before = found_book(&store, book).await;
    let refused = store.books.delete(book, Expected::Any, WhenShelved::Refuse).await;
    assert!(
        matches!(refused, Err(BookError::InUse { book: it, shelves: 3 }) if it == book),
        "{refused:?}"
    );
    assert_eq!(found_book(&store, book).await, before);
}

async fn a_book_is_free_when_it_is_on_no_shelf_any_more(store: Store) {
    let book = add_book(&store, "A").await.id;
    let ann = reader(&store, "ann").await;
    put(&store, ann, book, rated(4)).await;
    store.users.delete(ann, Expected::Any).await.unwrap();
    let removed = store.books.delete(book, Expected::Any, WhenShelved::Refuse).await.unwrap();
    assert_eq!(removed, 0);
}

async fn a_forced_deletion_takes_the_entries_with_it(store: Store) {
    let (gone, kept) = (add_book(&store, "A").await.id, add_book(&store, "B").await.id);
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let anns = put(&store, ann, gone, rated(4)).await.id;
    let bobs = put(&store, bob, gone, rated(4)).await.id;
    let other = put(&store, ann, kept, rated(2)).await;
    let removed = store.books.delete(gone, one_of([1]), WhenShelved::Remove).await;
    assert_eq!(removed.unwrap(), 2);
    assert_eq!(store.book_reader.find(gone).await.unwrap(), None);
    assert_eq!(store.shelves.find(ann, anns).await.unwrap(), None);
    assert_eq!(store.shelves.find(bob, bobs).await.unwrap(), None);
    assert_eq!(found(&store, ann, other.id).await, other);
}

async fn a_missing_book_and_a_stale_version_come_before_the_shelves(store: Store) {
    for shelved in [WhenShelved::Refuse, WhenShelved::Remove] {
        let missing = store.books.delete(BookId::new(7), one_of([]), shelved).await;
        assert!(matches!(missing, Err(BookError::NotFound)), "{missing:?}");
    }
    let book = add_book(&store, "A").await.id;
    let ann = reader(&store, "ann").await;
    let entry = put(&store, ann, book, rated(4)).await;
    for shelved in [WhenShelved::Refuse, WhenShelved::Remove] {
        let stale = store.books.delete(book, one_of([2]), shelved).await;
        assert!(matches!(stale, Err(BookError::Stale)), "{stale:?}");
    }
    assert_eq!(found(&store, ann, entry.id).await, entry);
}

async fn nothing_dangles_when_a_book_goes_while_it_is_shelved(store: Store) {
    let book = add_book(&store, "A").await.id;
    let mut readers = Vec::new();
    for number in 0..20 {
        readers.push(reader(&store, &format!("reader{number}")).await);
    }
    at_once(21, |number| {
        let (books, shelves) = (store.books.clone(), store.shelves.clone());
        let user = readers.get(number).copied();
        async move {
            match user {
                Some(user) => {
                    let made = shelves.insert(entry(user, book, rated(4))).await;
                    assert!(matches!(made, Ok(_) | Err(ShelfError::BookNotFound)), "{made:?}");
                }
                None => {
                    books.delete(book, Expected::Any, WhenShelved::Remove).await.unwrap();
                }
            }
        }
    })
    .await;
    for user in readers {
        assert_eq!(store.shelves.read_after(user, ShelfEntryId::new(0), 10).await.unwrap(), []);
        let refused = try_put(&store, entry(user, book, rated(4))).await;
        assert!(matches!(refused, Err(ShelfError::BookNotFound)), "{refused:?}");
    }
}
