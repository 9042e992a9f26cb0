use bookshelf_domain::Version;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookFields, OnConflict};
use bookshelf_domain::shelves::{
    ImportedEntry, MergeRemarks, ReadingStatus, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfError,
    ShelfFields, ShelfImportRow, WhenUnknown,
};

use super::{add_book, day, everything, found, put, rated, reader, with_status};
use crate::Store;
use crate::macros::{broken, ensure, ensure_eq, ensure_ne};
use crate::sample::{AddBook, book, every_book, isbn, moment, shelf_row, stars};
use crate::saw::Must;

fn batch(rows: Vec<ShelfImportRow>) -> ShelfBatch {
    ShelfBatch {
        rows,
        on_conflict: OnConflict::Update,
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        dry_run: false,
        at: moment(90),
    }
}

fn read(on: &str) -> ShelfFields {
    ShelfFields { finished_on: day(on), ..with_status(ReadingStatus::Read) }
}

pub(super) async fn rows_become_books_and_entries(store: Store) {
    let ann = reader(&store, "ann").await;
    let mut old = shelf_row(book("Old", "A"), read("2020-01-01"));
    old.added_at = Some(moment(-1000));
    let rows = vec![old, shelf_row(book("New", "B"), rated(2))];
    let outcomes = store.shelves.import(ann, batch(rows)).await.must();
    let [ImportedEntry::Created(old), ImportedEntry::Created(new)] = outcomes[..] else {
        broken!("{outcomes:?}")
    };
    let (old, new) = (found(&store, ann, old).await, found(&store, ann, new).await);
    ensure_eq!((old.added_at, old.updated_at), (moment(-1000), moment(90)));
    ensure_eq!((old.version, old.fields), (Version::FIRST, read("2020-01-01")));
    ensure_eq!((new.added_at, new.updated_at, new.fields), (moment(90), moment(90), rated(2)));
    ensure_eq!((old.book.fields, old.book.created_at), (book("Old", "A"), moment(90)));
    ensure_eq!(new.book.fields, book("New", "B"));
}

pub(super) async fn a_row_is_matched_by_its_isbn_alone(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Known", "A") };
    let known = store.books.add(known, moment(0)).await.must();
    let same_isbn = BookFields { isbn: Some(isbn(1)), ..book("Other", "B") };
    let other_isbn = BookFields { isbn: Some(isbn(2)), ..book("Known", "A") };
    let rows = vec![
        shelf_row(same_isbn, ShelfFields::default()),
        shelf_row(other_isbn, ShelfFields::default()),
    ];
    store.shelves.import(ann, batch(rows)).await.must();
    let entries = store.shelves.read_after(ann, ShelfEntryId::new(0), 10).await.must();
    ensure_eq!(entries[0].book, known);
    ensure_ne!(entries[1].book.id, known.id);
}

pub(super) async fn a_row_without_an_isbn_is_matched_by_title_and_author(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Émile", "Rousseau") };
    let known = store.books.add(known, moment(0)).await.must();
    let rows = vec![
        shelf_row(book("ÉMILE", "rousseau"), ShelfFields::default()),
        shelf_row(book("Émile", "Zola"), ShelfFields::default()),
    ];
    store.shelves.import(ann, batch(rows)).await.must();
    let entries = store.shelves.read_after(ann, ShelfEntryId::new(0), 10).await.must();
    ensure_eq!((entries.len(), entries[0].book.id), (2, known.id));
    ensure_eq!(entries[0].book.fields, known.fields);
}

pub(super) async fn rows_of_a_batch_see_one_another(store: Store) {
    let ann = reader(&store, "ann").await;
    let rows = vec![
        shelf_row(book("A", "B"), with_status(ReadingStatus::Reading)),
        shelf_row(book("a", "b"), read("2026-01-01")),
        shelf_row(book("A", "B"), with_status(ReadingStatus::WantToRead)),
    ];
    let outcomes = store.shelves.import(ann, batch(rows)).await.must();
    let [
        ImportedEntry::Created(id),
        ImportedEntry::Updated(same, _),
        ImportedEntry::Skipped(last, _),
    ] = outcomes[..]
    else {
        broken!("{outcomes:?}")
    };
    ensure_eq!((same, last), (id, id));
    ensure_eq!(found(&store, ann, id).await.fields, read("2026-01-01"));
}

pub(super) async fn the_same_again_changes_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let rows = || {
        batch(vec![
            shelf_row(book("A", "B"), read("2026-01-01")),
            shelf_row(book("C", "D"), rated(4)),
        ])
    };
    store.shelves.import(ann, rows()).await.must();
    let before = store.shelves.list(everything(ann)).await.must();
    let outcomes = store.shelves.import(ann, rows()).await.must();
    ensure!(
        outcomes.iter().all(|outcome| matches!(outcome, ImportedEntry::Skipped(_, _))),
        "{outcomes:?}"
    );
    ensure_eq!(store.shelves.list(everything(ann)).await.must(), before);
}

pub(super) async fn a_row_is_merged_into_the_entry_that_is_there(store: Store) {
    let ann = reader(&store, "ann").await;
    let id = add_book(&store, "A").await.id;
    let reading =
        ShelfFields { started_on: day("2026-11-01"), ..with_status(ReadingStatus::Reading) };
    let mine = put(&store, ann, id, reading.clone()).await;
    // An older status than the one that is there.
    let old = ShelfFields { rating: stars(4), ..read("2020-01-01") };
    let mut old = shelf_row(book("A", "Ann Author"), old);
    old.added_at = Some(moment(-1000));
    let outcomes = store.shelves.import(ann, batch(vec![old])).await.must();
    let [ImportedEntry::Updated(id, remarks)] = outcomes[..] else { broken!("{outcomes:?}") };
    ensure_eq!(
        (id, remarks.left_out().collect::<Vec<_>>()),
        (mine.id, vec!["status", "finished_on"])
    );
    let after = found(&store, ann, mine.id).await;
    ensure_eq!(after.fields, ShelfFields { rating: stars(4), ..reading });
    ensure_eq!((after.version, after.updated_at), (Version::new(2), moment(90)));
    ensure_eq!((after.added_at, after.book.rating.sum), (mine.added_at, 4));
}

pub(super) async fn a_later_reading_replaces_an_earlier_one(store: Store) {
    let ann = reader(&store, "ann").await;
    let (first, again) = (
        ShelfFields { rating: stars(3), ..read("2020-01-01") },
        ShelfFields { rating: stars(5), ..read("2024-06-30") },
    );
    let rows = |fields: &ShelfFields| batch(vec![shelf_row(book("A", "B"), fields.clone())]);
    store.shelves.import(ann, rows(&first)).await.must();
    let outcomes = store.shelves.import(ann, rows(&again)).await.must();
    let [ImportedEntry::Updated(id, remarks)] = outcomes[..] else { broken!("{outcomes:?}") };
    ensure_eq!(remarks.replaced().collect::<Vec<_>>(), ["rating", "finished_on"]);
    ensure_eq!(found(&store, ann, id).await.fields, again);
    let outcomes = store.shelves.import(ann, rows(&first)).await.must();
    let [ImportedEntry::Skipped(same, remarks)] = outcomes[..] else { broken!("{outcomes:?}") };
    ensure_eq!(remarks.left_out().collect::<Vec<_>>(), ["rating", "finished_on"]);
    ensure_eq!((same, found(&store, ann, id).await.fields), (id, again));
}

pub(super) async fn a_skipped_row_changes_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let mine = put(&store, ann, add_book(&store, "A").await.id, ShelfFields::default()).await;
    let rows = vec![shelf_row(book("A", "Ann Author"), rated(5))];
    let skipping = ShelfBatch { on_conflict: OnConflict::Skip, ..batch(rows) };
    let outcomes = store.shelves.import(ann, skipping).await.must();
    ensure_eq!(outcomes, [ImportedEntry::Skipped(mine.id, MergeRemarks::default())]);
    ensure_eq!(found(&store, ann, mine.id).await, mine);
}

pub(super) async fn a_dry_run_tells_and_writes_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let mine = put(&store, ann, add_book(&store, "A").await.id, ShelfFields::default()).await;
    let rows = vec![
        shelf_row(book("A", "Ann Author"), rated(5)),
        shelf_row(book("New", "B"), rated(5)),
        shelf_row(book("New", "B"), ShelfFields::default()),
    ];
    let dry = ShelfBatch { dry_run: true, ..batch(rows) };
    let outcomes = store.shelves.import(ann, dry).await.must();
    ensure!(
        matches!(
            outcomes[..],
            [ImportedEntry::Updated(_, _), ImportedEntry::Created(_), ImportedEntry::Skipped(_, _)]
        ),
        "{outcomes:?}"
    );
    let there = store.shelves.list(everything(ann)).await.must().items;
    ensure_eq!(there, std::slice::from_ref(&mine));
    ensure_eq!(store.book_reader.list(every_book()).await.must().items, [mine.book]);
}

pub(super) async fn a_missing_user_is_told_and_nothing_written(store: Store) {
    for rows in [vec![], vec![shelf_row(book("A", "B"), rated(5))]] {
        let refused = store.shelves.import(UserId::new(7), batch(rows)).await;
        ensure!(matches!(refused, Err(ShelfError::UserNotFound)), "{refused:?}");
    }
    ensure_eq!(store.book_reader.list(every_book()).await.must().items, []);
}

pub(super) async fn a_full_shelf_takes_no_new_entries(store: Store) {
    let ann = reader(&store, "ann").await;
    let rows = ["A", "B", "B", "C", "A"].map(|title| shelf_row(book(title, "X"), rated(3)));
    let full = |when_unknown| ShelfBatch { most: 2, when_unknown, ..batch(rows.to_vec()) };
    let dry = ShelfBatch { dry_run: true, ..full(WhenUnknown::Add) };
    for batch in [dry, full(WhenUnknown::Add)] {
        let outcomes = store.shelves.import(ann, batch).await.must();
        ensure!(
            matches!(
                outcomes[..],
                [
                    ImportedEntry::Created(_),
                    ImportedEntry::Created(_),
                    ImportedEntry::Skipped(..),
                    ImportedEntry::ShelfFull,
                    ImportedEntry::Skipped(..)
                ]
            ),
            "{outcomes:?}"
        );
    }
    // No book was added for the row that was left out.
    ensure_eq!(store.book_reader.list(every_book()).await.must().items.len(), 2);
    let unknown = store.shelves.import(ann, full(WhenUnknown::Refuse)).await.must();
    ensure!(matches!(unknown[3], ImportedEntry::UnknownBook), "{unknown:?}");
    add_book(&store, "D").await;
    let known = vec![
        shelf_row(book("D", "Ann Author"), rated(4)),
        shelf_row(book("B", "X"), read("2020-01-01")),
    ];
    let outcomes = store.shelves.import(ann, ShelfBatch { most: 2, ..batch(known) }).await.must();
    ensure!(
        matches!(outcomes[..], [ImportedEntry::ShelfFull, ImportedEntry::Updated(..)]),
        "{outcomes:?}"
    );
}

pub(super) async fn ratings_of_an_import_count(store: Store) {
    for (name, rating) in [("ann", 5), ("bob", 2)] {
        let user = reader(&store, name).await;
        let rows = vec![shelf_row(book("A", "B"), rated(rating))];
        store.shelves.import(user, batch(rows)).await.must();
    }
    let books = store.book_reader.list(every_book()).await.must().items;
    ensure_eq!((books.len(), books[0].rating.sum, books[0].rating.count), (1, 7, 2));
}

pub(super) async fn rows_of_unknown_books_are_left_out_where_none_may_be_added(store: Store) {
    let ann = reader(&store, "ann").await;
    store.books.add(book("Known", "A"), moment(0)).await.must();
    let rows = ["New", "KNOWN", "New"].map(|title| shelf_row(book(title, "A"), rated(3)));
    let refusing = ShelfBatch { when_unknown: WhenUnknown::Refuse, ..batch(rows.to_vec()) };
    let outcomes = store.shelves.import(ann, refusing).await.must();
    ensure!(
        matches!(
            outcomes[..],
            [ImportedEntry::UnknownBook, ImportedEntry::Created(_), ImportedEntry::UnknownBook]
        ),
        "{outcomes:?}"
    );
    ensure_eq!(store.book_reader.list(every_book()).await.must().items.len(), 1);
}
