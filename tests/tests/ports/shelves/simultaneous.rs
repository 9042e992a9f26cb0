//! Writes that touch the same books and entries at once all end as they would one after the other.

use bookshelf_domain::books::{OnConflict, WhenShelved};
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfBatch, ShelfEntry, ShelfError, ShelfFields, ShelfPatch, ShelfUpdate,
    WhenUnknown,
};
use bookshelf_domain::{Change, Expected};
use bookshelf_tests::Store;

use super::import::row;
use super::{add_book, entry, everything, found_book, put, rated, reader, stars};
use crate::at_once::at_once;
use crate::sample::{book, moment};

contract! {
    inserts_and_imports_fill_a_shelf_and_no_more,
    an_import_and_inserts_of_its_books_make_one_entry_each,
    ratings_and_the_forced_deletion_of_their_book,
    deletions_of_readers_and_an_import_of_their_books,
}

const BOOKS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

fn batch(fields: &ShelfFields) -> ShelfBatch {
    ShelfBatch {
        rows: BOOKS.map(|title| row(book(title, "Ann Author"), fields.clone())).to_vec(),
        on_conflict: OnConflict::Update,
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        dry_run: false,
        at: moment(90),
    }
}

async fn an_import_and_inserts_of_its_books_make_one_entry_each(store: Store) {
    let ann = reader(&store, "ann").await;
    let mut books = Vec::new();
    for title in BOOKS {
        books.push(add_book(&store, title).await.id);
    }
    at_once(BOOKS.len() + 1, |number| {
        let (shelves, book) = (store.shelves.clone(), books.get(number).copied());
        async move {
            let Some(book) = book else {
                let outcomes = shelves.import(ann, batch(&rated(3))).await.unwrap();
                assert_eq!(outcomes.len(), BOOKS.len());
                return;
            };
            match shelves.insert(entry(ann, book, ShelfFields::default())).await {
                Ok(_) | Err(ShelfError::AlreadyOnShelf { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    })
    .await;
    let entries = store.shelves.list(everything(ann)).await.unwrap().items;
    assert_eq!(entries.len(), BOOKS.len());
    assert!(entries.iter().all(|entry| entry.fields.rating == stars(3)));
}

async fn inserts_and_imports_fill_a_shelf_and_no_more(store: Store) {
    const MOST: u64 = 10;
    let ann = reader(&store, "ann").await;
    let mut books = Vec::new();
    for title in BOOKS {
        books.push(add_book(&store, &format!("other {title}")).await.id);
    }
    at_once(BOOKS.len() + 2, |number| {
        let (shelves, book) = (store.shelves.clone(), books.get(number).copied());
        async move {
            let Some(book) = book else {
                let batch = ShelfBatch { most: MOST, ..batch(&rated(3)) };
                drop(shelves.import(ann, batch).await.unwrap());
                return;
            };
            let entry = entry(ann, book, ShelfFields::default());
            match shelves.insert(NewShelfEntry { most: MOST, ..entry }).await {
                Ok(_) | Err(ShelfError::Full { most: MOST }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    })
    .await;
    let entries = store.shelves.list(everything(ann)).await.unwrap().items;
    assert_eq!(entries.len() as u64, MOST);
}

async fn ratings_and_the_forced_deletion_of_their_book(store: Store) {
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
        at_once(READERS + 1, |number| {
            let (shelves, books) = (store.shelves.clone(), store.books.clone());
            let entry = entries.get(number).cloned();
            async move {
                let Some(entry) = entry else {
                    books.delete(book, Expected::Any, WhenShelved::Remove).await.unwrap();
                    return;
                };
                let rating = Change::Set(stars(5).unwrap());
                let (user_id, id, expected) = (entry.user_id, entry.id, Expected::Any);
                let patch = ShelfPatch { rating, ..ShelfPatch::default() };
                let update = ShelfUpdate { user_id, id, expected, patch, at: moment(60) };
                match shelves.update(update).await {
                    Ok(_) | Err(ShelfError::NotFound) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        })
        .await;
    }
}

async fn deletions_of_readers_and_an_import_of_their_books(store: Store) {
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
    at_once(READERS + 1, |number| {
        let (shelves, users) = (store.shelves.clone(), store.users.clone());
        let reader = readers.get(number).copied();
        async move {
            match reader {
                Some(reader) => users.delete(reader, Expected::Any).await.unwrap(),
                None => drop(shelves.import(ann, batch(&rated(4))).await.unwrap()),
            }
        }
    })
    .await;
    for book in books {
        let rating = found_book(&store, book).await.rating;
        assert_eq!((rating.sum, rating.count), (4, 1));
    }
}
