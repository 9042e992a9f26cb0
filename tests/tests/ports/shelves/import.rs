use bookshelf_domain::Version;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookFields, OnConflict};
use bookshelf_domain::shelves::{
    ImportedEntry, MergeRemarks, ReadingStatus, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfError,
    ShelfFields, ShelfImportRow, WhenUnknown,
};
use bookshelf_tests::{AddBook, Store};

use super::{add_book, day, everything, found, put, rated, reader, stars, with_status};
use crate::sample::{book, every_book, isbn, moment};

contract! {
    a_full_shelf_takes_no_new_entries,
    rows_become_books_and_entries,
    a_row_is_matched_by_its_isbn_alone,
    a_row_without_an_isbn_is_matched_by_title_and_author,
    rows_of_a_batch_see_one_another,
    the_same_again_changes_nothing,
    a_row_is_merged_into_the_entry_that_is_there,
    a_later_reading_replaces_an_earlier_one,
    a_skipped_row_changes_nothing,
    a_dry_run_tells_and_writes_nothing,
    rows_of_unknown_books_are_left_out_where_none_may_be_added,
    a_missing_user_is_told_and_nothing_written,
    ratings_of_an_import_count,
}

pub(crate) fn row(book: BookFields, fields: ShelfFields) -> ShelfImportRow {
    ShelfImportRow { book, fields, added_at: None }
}

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

async fn rows_become_books_and_entries(store: Store) {
    let ann = reader(&store, "ann").await;
    let mut old = row(book("Old", "A"), read("2020-01-01"));
    old.added_at = Some(moment(-1000));
    let rows = vec![old, row(book("New", "B"), rated(2))];
    let outcomes = store.shelves.import(ann, batch(rows)).await.unwrap();
    let [ImportedEntry::Created(old), ImportedEntry::Created(new)] = outcomes[..] else {
        panic!("{outcomes:?}")
    };
    let (old, new) = (found(&store, ann, old).await, found(&store, ann, new).await);
    assert_eq!((old.added_at, old.updated_at), (moment(-1000), moment(90)));
    assert_eq!((old.version, old.fields), (Version::FIRST, read("2020-01-01")));
    assert_eq!((new.added_at, new.updated_at, new.fields), (moment(90), moment(90), rated(2)));
    assert_eq!((old.book.fields, old.book.created_at), (book("Old", "A"), moment(90)));
    assert_eq!(new.book.fields, book("New", "B"));
}

async fn a_row_is_matched_by_its_isbn_alone(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Known", "A") };
    let known = store.books.add(known, moment(0)).await.unwrap();
    let same_isbn = BookFields { isbn: Some(isbn(1)), ..book("Other", "B") };
    let other_isbn = BookFields { isbn: Some(isbn(2)), ..book("Known", "A") };
    let rows =
        vec![row(same_isbn, ShelfFields::default()), row(other_isbn, ShelfFields::default())];
    store.shelves.import(ann, batch(rows)).await.unwrap();
    let entries = store.shelves.read_after(ann, ShelfEntryId::new(0), 10).await.unwrap();
    assert_eq!(entries[0].book, known);
    assert_ne!(entries[1].book.id, known.id);
}

async fn a_row_without_an_isbn_is_matched_by_title_and_author(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Émile", "Rousseau") };
    let known = store.books.add(known, moment(0)).await.unwrap();
    let rows = vec![
        row(book("ÉMILE", "rousseau"), ShelfFields::default()),
        row(book("Émile", "Zola"), ShelfFields::default()),
    ];
    store.shelves.import(ann, batch(rows)).await.unwrap();
    let entries = store.shelves.read_after(ann, ShelfEntryId::new(0), 10).await.unwrap();
    assert_eq!((entries.len(), entries[0].book.id), (2, known.id));
    assert_eq!(entries[0].book.fields, known.fields);
}

async fn rows_of_a_batch_see_one_another(store: Store) {
    let ann = reader(&store, "ann").await;
    let rows = vec![
        row(book("A", "B"), with_status(ReadingStatus::Reading)),
        row(book("a", "b"), read("2026-01-01")),
        row(book("A", "B"), with_status(ReadingStatus::WantToRead)),
    ];
    let outcomes = store.shelves.import(ann, batch(rows)).await.unwrap();
    let [
        ImportedEntry::Created(id),
        ImportedEntry::Updated(same, _),
        ImportedEntry::Skipped(last, _),
    ] = outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!((same, last), (id, id));
    assert_eq!(found(&store, ann, id).await.fields, read("2026-01-01"));
}

async fn the_same_again_changes_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let rows =
        || batch(vec![row(book("A", "B"), read("2026-01-01")), row(book("C", "D"), rated(4))]);
    store.shelves.import(ann, rows()).await.unwrap();
    let before = store.shelves.list(everything(ann)).await.unwrap();
    let outcomes = store.shelves.import(ann, rows()).await.unwrap();
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, ImportedEntry::Skipped(_, _))),
        "{outcomes:?}"
    );
    assert_eq!(store.shelves.list(everything(ann)).await.unwrap(), before);
}

async fn a_row_is_merged_into_the_entry_that_is_there(store: Store) {
    let ann = reader(&store, "ann").await;
    let id = add_book(&store, "A").await.id;
    let reading =
        ShelfFields { started_on: day("2026-11-01"), ..with_status(ReadingStatus::Reading) };
    let mine = put(&store, ann, id, reading.clone()).await;
    // An older status than the one that is there.
    let old = ShelfFields { rating: stars(4), ..read("2020-01-01") };
    let mut old = row(book("A", "Ann Author"), old);
    old.added_at = Some(moment(-1000));
    let outcomes = store.shelves.import(ann, batch(vec![old])).await.unwrap();
    let [ImportedEntry::Updated(id, remarks)] = outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(
        (id, remarks.left_out().collect::<Vec<_>>()),
        (mine.id, vec!["status", "finished_on"])
    );
    let after = found(&store, ann, mine.id).await;
    assert_eq!(after.fields, ShelfFields { rating: stars(4), ..reading });
    assert_eq!((after.version, after.updated_at), (Version::new(2), moment(90)));
    assert_eq!((after.added_at, after.book.rating.sum), (mine.added_at, 4));
}

async fn a_later_reading_replaces_an_earlier_one(store: Store) {
    let ann = reader(&store, "ann").await;
    let (first, again) = (
        ShelfFields { rating: stars(3), ..read("2020-01-01") },
        ShelfFields { rating: stars(5), ..read("2024-06-30") },
    );
    let rows = |fields: &ShelfFields| batch(vec![row(book("A", "B"), fields.clone())]);
    store.shelves.import(ann, rows(&first)).await.unwrap();
    let outcomes = store.shelves.import(ann, rows(&again)).await.unwrap();
    let [ImportedEntry::Updated(id, remarks)] = outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(remarks.replaced().collect::<Vec<_>>(), ["rating", "finished_on"]);
    assert_eq!(found(&store, ann, id).await.fields, again);
    let outcomes = store.shelves.import(ann, rows(&first)).await.unwrap();
    let [ImportedEntry::Skipped(same, remarks)] = outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(remarks.left_out().collect::<Vec<_>>(), ["rating", "finished_on"]);
    assert_eq!((same, found(&store, ann, id).await.fields), (id, again));
}

async fn a_skipped_row_changes_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let mine = put(&store, ann, add_book(&store, "A").await.id, ShelfFields::default()).await;
    let rows = vec![row(book("A", "Ann Author"), rated(5))];
    let skipping = ShelfBatch { on_conflict: OnConflict::Skip, ..batch(rows) };
    let outcomes = store.shelves.import(ann, skipping).await.unwrap();
    assert_eq!(outcomes, [ImportedEntry::Skipped(mine.id, MergeRemarks::default())]);
    assert_eq!(found(&store, ann, mine.id).await, mine);
}

async fn a_dry_run_tells_and_writes_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let mine = put(&store, ann, add_book(&store, "A").await.id, ShelfFields::default()).await;
    let rows = vec![
        row(book("A", "Ann Author"), rated(5)),
        row(book("New", "B"), rated(5)),
        row(book("New", "B"), ShelfFields::default()),
    ];
    let dry = ShelfBatch { dry_run: true, ..batch(rows) };
    let outcomes = store.shelves.import(ann, dry).await.unwrap();
    assert!(
        matches!(
            outcomes[..],
            [ImportedEntry::Updated(_, _), ImportedEntry::Created(_), ImportedEntry::Skipped(_, _)]
        ),
        "{outcomes:?}"
    );
    let there = store.shelves.list(everything(ann)).await.unwrap().items;
    assert_eq!(there, std::slice::from_ref(&mine));
    assert_eq!(store.book_reader.list(every_book()).await.unwrap().items, [mine.book]);
}

async fn a_missing_user_is_told_and_nothing_written(store: Store) {
    for rows in [vec![], vec![row(book("A", "B"), rated(5))]] {
        let refused = store.shelves.import(UserId::new(7), batch(rows)).await;
        assert!(matches!(refused, Err(ShelfError::UserNotFound)), "{refused:?}");
    }
    assert_eq!(store.book_reader.list(every_book()).await.unwrap().items, []);
}

async fn a_full_shelf_takes_no_new_entries(store: Store) {
    let ann = reader(&store, "ann").await;
    let rows = ["A", "B", "B", "C", "A"].map(|title| row(book(title, "X"), rated(3)));
    let full = |when_unknown| ShelfBatch { most: 2, when_unknown, ..batch(rows.to_vec()) };
    let dry = ShelfBatch { dry_run: true, ..full(WhenUnknown::Add) };
    for batch in [dry, full(WhenUnknown::Add)] {
        let outcomes = store.shelves.import(ann, batch).await.unwrap();
        assert!(
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
    assert_eq!(store.book_reader.list(every_book()).await.unwrap().items.len(), 2);
    let unknown = store.shelves.import(ann, full(WhenUnknown::Refuse)).await.unwrap();
    assert!(matches!(unknown[3], ImportedEntry::UnknownBook), "{unknown:?}");
    add_book(&store, "D").await;
    let known =
        vec![row(book("D", "Ann Author"), rated(4)), row(book("B", "X"), read("2020-01-01"))];
    let outcomes = store.shelves.import(ann, ShelfBatch { most: 2, ..batch(known) }).await.unwrap();
    assert!(
        matches!(outcomes[..], [ImportedEntry::ShelfFull, ImportedEntry::Updated(..)]),
        "{outcomes:?}"
    );
}

async fn ratings_of_an_import_count(store: Store) {
    for (name, rating) in [("ann", 5), ("bob", 2)] {
        let user = reader(&store, name).await;
        let rows = vec![row(book("A", "B"), rated(rating))];
        store.shelves.import(user, batch(rows)).await.unwrap();
    }
    let books = store.book_reader.list(every_book()).await.unwrap().items;
    assert_eq!((books.len(), books[0].rating.sum, books[0].rating.count), (1, 7, 2));
}

async fn rows_of_unknown_books_are_left_out_where_none_may_be_added(store: Store) {
    let ann = reader(&store, "ann").await;
    store.books.add(book("Known", "A"), moment(0)).await.unwrap();
    let rows = ["New", "KNOWN", "New"].map(|title| row(book(title, "A"), rated(3)));
    let refusing = ShelfBatch { when_unknown: WhenUnknown::Refuse, ..batch(rows.to_vec()) };
    let outcomes = store.shelves.import(ann, refusing).await.unwrap();
    assert!(
        matches!(
            outcomes[..],
            [ImportedEntry::UnknownBook, ImportedEntry::Created(_), ImportedEntry::UnknownBook]
        ),
        "{outcomes:?}"
    );
    assert_eq!(store.book_reader.list(every_book()).await.unwrap().items.len(), 1);
}
