use bookshelf_domain::Expected;
use bookshelf_domain::shelves::{ShelfEntryId, ShelfError, ShelfFields};

use super::{add_book, found_book, put, rated, reader};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::one_of;
use crate::saw::Must;

pub(super) async fn a_deleted_entry_is_gone_and_its_book_stays(store: Store) {
    let ann = reader(&store, "ann").await;
    let book = add_book(&store, "A").await;
    let id = put(&store, ann, book.id, rated(5)).await.id;
    store.shelves.delete(ann, id, one_of([1])).await.must();
    ensure_eq!(store.shelves.find(ann, id).await.must(), None);
    ensure_eq!(found_book(&store, book.id).await, book);
}

pub(super) async fn a_missing_entry_comes_before_a_stale_version(store: Store) {
    let ann = reader(&store, "ann").await;
    for expected in [Expected::Any, one_of([])] {
        let answer = store.shelves.delete(ann, ShelfEntryId::new(7), expected).await;
        ensure!(matches!(answer, Err(ShelfError::NotFound)), "{answer:?}");
    }
}

pub(super) async fn a_stale_version_deletes_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let entry = put(&store, ann, add_book(&store, "A").await.id, rated(5)).await;
    for expected in [one_of([]), one_of([2])] {
        let answer = store.shelves.delete(ann, entry.id, expected).await;
        ensure!(matches!(answer, Err(ShelfError::Stale)), "{answer:?}");
    }
    ensure_eq!(store.shelves.find(ann, entry.id).await.must(), Some(entry));
}

pub(super) async fn a_book_can_come_back_to_the_shelf(store: Store) {
    let ann = reader(&store, "ann").await;
    let book = add_book(&store, "A").await.id;
    let first = put(&store, ann, book, ShelfFields::default()).await;
    store.shelves.delete(ann, first.id, Expected::Any).await.must();
    ensure!(put(&store, ann, book, ShelfFields::default()).await.id > first.id);
}
