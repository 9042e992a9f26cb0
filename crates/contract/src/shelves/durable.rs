use bookshelf_domain::Expected;

use super::{add_book, found, found_book, put, rated, reader};
use crate::Store;
use crate::macros::ensure_eq;
use crate::saw::Must;

pub(super) async fn what_was_written_is_there_after_reopening(store: Store) {
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let book = add_book(&store, "A").await.id;
    put(&store, ann, book, rated(4)).await;
    let gone = put(&store, bob, book, rated(1)).await.id;
    store.shelves.delete(bob, gone, Expected::Any).await.must();
    let (book, entries) = (found_book(&store, book).await, store.shelves.stats(ann).await.must());
    let store = store.reopened().await;
    ensure_eq!(found_book(&store, book.id).await, book);
    ensure_eq!(store.shelves.stats(ann).await.must(), entries);
    ensure_eq!(store.shelves.find(bob, gone).await.must(), None);
    let more = add_book(&store, "B").await.id;
    let entry = put(&store, bob, more, rated(2)).await;
    ensure_eq!(found(&store, bob, entry.id).await, entry);
}
