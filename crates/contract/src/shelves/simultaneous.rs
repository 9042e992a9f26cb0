//! Writes that touch the same books and entries at once all end as they would one after the other.

use bookshelf_domain::books::{OnConflict, WhenShelved};
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfBatch, ShelfEntry, ShelfError, ShelfFields, ShelfPatch, ShelfUpdate,
    WhenUnknown,
};
use bookshelf_domain::{Change, Expected};

use super::{add_book, entry, everything, found_book, put, rated, reader};
use crate::Store;
use crate::macros::{broken, ensure, ensure_eq};
use crate::sample::{book, moment, shelf_row, stars};
use crate::saw::Must;

const BOOKS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

fn batch(fields: &ShelfFields) -> ShelfBatch {
    ShelfBatch {
        rows: BOOKS.map(|title| shelf_row(book(title, "Ann Author"), fields.clone())).to_vec(),
        on_conflict: OnConflict::Update,
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        dry_run: false,
        at: moment(90),
    }
}

pub(super) async fn an_import_and_inserts_of_its_books_make_one_entry_each(store: Store) {
    let ann = reader(&store, "ann").await;
    let mut books = Vec::new();
    for title in BOOKS {
        books.push(add_book(&store, title).await.id);
    }
    store
        .at_once(BOOKS.len() + 1, |number| {
            let (shelves, book) = (store.shelves.clone(), books.get(number).copied());
            async move {
                let Some(book) = book else {
                    let outcomes = shelves.import(ann, batch(&rated(3))).await.must();
                    ensure_eq!(outcomes.len(), BOOKS.len());
                    return;
                };
                match shelves.insert(entry(ann, book, ShelfFields::default())).await {
                    Ok(_) | Err(ShelfError::AlreadyOnShelf { .. }) => {}
                    Err(error) => broken!("{error:?}"),
                }
            }
        })
        .await;
    let entries = store.shelves.list(everything(ann)).await.must().items;
    ensure_eq!(entries.len(), BOOKS.len());
    ensure!(entries.iter().all(|entry| entry.fields.rating == stars(3)));
}

pub(super) async fn inserts_and_imports_fill_a_shelf_and_no_more(store: Store) {
    const MOST: u64 = 10;
    let ann = reader(&store, "ann").await;
    let mut books = Vec::new();
    for title in BOOKS {
        books.push(add_book(&store, &format!("other {title}")).await.id);
    }
    store
        .at_once(BOOKS.len() + 2, |number| {
            let (shelves, book) = (store.shelves.clone(), books.get(number).copied());
            async move {
                let Some(book) = book else {
                    let batch = ShelfBatch { most: MOST, ..batch(&rated(3)) };
                    drop(shelves.import(ann, batch).await.must());
                    return;
                };
                let entry = entry(ann, book, ShelfFields::default());
                match shelves.insert(NewShelfEntry { most: MOST, ..entry }).await {
                    Ok(_) | Err(ShelfError::Full { most: MOST }) => {}
                    Err(error) => broken!("{error:?}"),
                }
            }
        })
        .await;
    let entries = store.shelves.list(everything(ann)).await.must().items;
    ensure_eq!(entries.len() as u64, MOST);
}

pub(super) async fn ratings_and_the_forced_deletion_of_their_book(store: Store) {
    const READERS: usize = 8;
    let mut readers = Vec::new();
    for number in 0..READERS {
        readers.push(reader(&store, &format!("reader{number}")).await);
    }
    for title in BOOKS {
        let book = add_book(&store, title).await.id;
        let mut entries = Vec::new();
        for reader in &readers {
            entries.push(put(&store, *reader, book, rated(1)).await);
        }
        store
            .at_once(READERS + 1, |number| {
                let (shelves, books) = (store.shelves.clone(), store.books.clone());
                let entry = entries.get(number).cloned();
                async move {
                    let Some(entry) = entry else {
                        books.delete(book, Expected::Any, WhenShelved::Remove).await.must();
                        return;
                    };
                    let rating = Change::Set(stars(5).must());
                    let (user_id, id, expected) = (entry.user_id, entry.id, Expected::Any);
                    let patch = ShelfPatch { rating, ..ShelfPatch::default() };
                    let update = ShelfUpdate { user_id, id, expected, patch, at: moment(60) };
                    match shelves.update(update).await {
                        Ok(_) | Err(ShelfError::NotFound) => {}
                        Err(error) => broken!("{error:?}"),
                    }
                }
            })
            .await;
    }
}

pub(super) async fn deletions_of_readers_and_an_import_of_their_books(store: Store) {
    const READERS: usize = 6;
    let (ann, mut readers, mut books) = (reader(&store, "ann").await, Vec::new(), Vec::new());
    for title in BOOKS {
        books.push(add_book(&store, title).await.id);
    }
    for number in 0..READERS {
        let reader = reader(&store, &format!("reader{number}")).await;
        // Each has put the books on the shelf in another order.
        for place in 0..books.len() {
            put(&store, reader, books[(place * 5 + number * 7) % books.len()], rated(1)).await;
        }
        readers.push(reader);
    }
    store
        .at_once(READERS + 1, |number| {
            let (shelves, users) = (store.shelves.clone(), store.users.clone());
            let reader = readers.get(number).copied();
            async move {
                match reader {
                    Some(reader) => users.delete(reader, Expected::Any).await.must(),
                    None => drop(shelves.import(ann, batch(&rated(4))).await.must()),
                }
            }
        })
        .await;
    for book in books {
        let rating = found_book(&store, book).await.rating;
        ensure_eq!((rating.sum, rating.count), (4, 1));
    }
}
