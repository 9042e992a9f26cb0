//! Deleting a book that stands on shelves.

use bookshelf_domain::Expected;
use bookshelf_domain::books::{BookError, BookId, WhenShelved};
use bookshelf_domain::shelves::{ShelfEntryId, ShelfError};

use super::{add_book, entry, found, found_book, put, rated, reader, try_put};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::one_of;
use crate::saw::Must;

pub(super) async fn a_book_on_shelves_is_kept_and_they_are_counted(store: Store) {
    let book = add_book(&store, "A").await.id;
    for name in ["ann", "bob", "cem"] {
        let user = reader(&store, name).await;
        put(&store, user, book, rated(4)).await;
    }
    let before = found_book(&store, book).await;
    let refused = store.books.delete(book, Expected::Any, WhenShelved::Refuse).await;
    ensure!(
        matches!(refused, Err(BookError::InUse { book: it, shelves: 3 }) if it == book),
        "{refused:?}"
    );
    ensure_eq!(found_book(&store, book).await, before);
}

pub(super) async fn a_book_is_free_when_it_is_on_no_shelf_any_more(store: Store) {
    let book = add_book(&store, "A").await.id;
    let ann = reader(&store, "ann").await;
    put(&store, ann, book, rated(4)).await;
    store.users.delete(ann, Expected::Any).await.must();
    let removed = store.books.delete(book, Expected::Any, WhenShelved::Refuse).await.must();
    ensure_eq!(removed, 0);
}

pub(super) async fn a_forced_deletion_takes_the_entries_with_it(store: Store) {
    let (gone, kept) = (add_book(&store, "A").await.id, add_book(&store, "B").await.id);
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let anns = put(&store, ann, gone, rated(4)).await.id;
    let bobs = put(&store, bob, gone, rated(4)).await.id;
    let other = put(&store, ann, kept, rated(2)).await;
    let removed = store.books.delete(gone, one_of([1]), WhenShelved::Remove).await;
    ensure_eq!(removed.must(), 2);
    ensure_eq!(store.book_reader.find(gone).await.must(), None);
    ensure_eq!(store.shelves.find(ann, anns).await.must(), None);
    ensure_eq!(store.shelves.find(bob, bobs).await.must(), None);
    ensure_eq!(found(&store, ann, other.id).await, other);
}

pub(super) async fn a_missing_book_and_a_stale_version_come_before_the_shelves(store: Store) {
    for shelved in [WhenShelved::Refuse, WhenShelved::Remove] {
        let missing = store.books.delete(BookId::new(7), one_of([]), shelved).await;
        ensure!(matches!(missing, Err(BookError::NotFound)), "{missing:?}");
    }
    let book = add_book(&store, "A").await.id;
    let ann = reader(&store, "ann").await;
    let entry = put(&store, ann, book, rated(4)).await;
    for shelved in [WhenShelved::Refuse, WhenShelved::Remove] {
        let stale = store.books.delete(book, one_of([2]), shelved).await;
        ensure!(matches!(stale, Err(BookError::Stale)), "{stale:?}");
    }
    ensure_eq!(found(&store, ann, entry.id).await, entry);
}

pub(super) async fn nothing_dangles_when_a_book_goes_while_it_is_shelved(store: Store) {
    let book = add_book(&store, "A").await.id;
    let mut readers = Vec::new();
    for number in 0..20 {
        readers.push(reader(&store, &format!("reader{number}")).await);
    }
    store
        .at_once(21, |number| {
            let (books, shelves) = (store.books.clone(), store.shelves.clone());
            let user = readers.get(number).copied();
            async move {
                match user {
                    Some(user) => {
                        let made = shelves.insert(entry(user, book, rated(4))).await;
                        ensure!(matches!(made, Ok(_) | Err(ShelfError::BookNotFound)), "{made:?}");
                    }
                    None => {
                        books.delete(book, Expected::Any, WhenShelved::Remove).await.must();
                    }
                }
            }
        })
        .await;
    for user in readers {
        ensure_eq!(store.shelves.read_after(user, ShelfEntryId::new(0), 10).await.must(), []);
        let refused = try_put(&store, entry(user, book, rated(4))).await;
        ensure!(matches!(refused, Err(ShelfError::BookNotFound)), "{refused:?}");
    }
}
