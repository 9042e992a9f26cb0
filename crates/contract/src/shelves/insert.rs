use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookFields, BookId};
use bookshelf_domain::shelves::{
    NewShelfEntry, ReadingStatus, ShelfEntry, ShelfEntryId, ShelfError, ShelfFields, ShelfTarget,
    WhenUnknown,
};
use bookshelf_domain::{Expected, Version};

use super::{add_book, day, entry, everything, found, found_book, put, rated, reader, try_put};
use crate::Store;
use crate::macros::{ensure, ensure_eq, ensure_ne};
use crate::sample::{AddBook, book, every_book, isbn, moment, prose, stars};
use crate::saw::Must;

pub(super) async fn an_entry_is_kept_as_it_was_written(store: Store) {
    let ann = reader(&store, "ann").await;
    let book = add_book(&store, "A").await;
    let fields = ShelfFields {
        status: ReadingStatus::Read,
        rating: stars(4),
        notes: Some(prose("One\nTwo é")),
        started_on: day("0001-01-01"),
        finished_on: day("9999-12-31"),
    };
    let made = put(&store, ann, book.id, fields.clone()).await;
    ensure_eq!((made.user_id, made.version, &made.fields), (ann, Version::FIRST, &fields));
    ensure_eq!((made.added_at, made.updated_at), (moment(10), moment(10)));
    ensure_eq!(made.book.fields, book.fields);
    ensure_eq!((made.book.rating.sum, made.book.rating.count), (4, 1));
    ensure_eq!(found(&store, ann, made.id).await, made);
    let bare = put(&store, ann, add_book(&store, "B").await.id, ShelfFields::default()).await;
    ensure_eq!(found(&store, ann, bare.id).await, bare);
}

pub(super) async fn entries_have_growing_ids_that_never_come_back(store: Store) {
    let ann = reader(&store, "ann").await;
    let mut last = ShelfEntryId::new(0);
    for title in ["A", "B", "C"] {
        let book = add_book(&store, title).await;
        let id = put(&store, ann, book.id, ShelfFields::default()).await.id;
        ensure!(id > last);
        last = id;
        store.shelves.delete(ann, id, Expected::Any).await.must();
    }
}

fn described(user_id: UserId, book: BookFields) -> NewShelfEntry {
    let target = ShelfTarget::Described(Box::new(book));
    NewShelfEntry {
        user_id,
        target,
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        fields: rated(5),
        at: moment(10),
        idempotency_key: None,
    }
}

pub(super) async fn a_described_book_is_found_by_its_isbn_and_left_as_it_is(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Known", "A") };
    let known = store.books.add(known, moment(0)).await.must();
    let other = BookFields { isbn: Some(isbn(1)), ..book("Another title", "B") };
    let made = try_put(&store, described(ann, other)).await.must();
    ensure_eq!((made.book.id, &made.book.fields), (known.id, &known.fields));
    ensure_eq!((made.book.version, made.book.updated_at), (Version::FIRST, moment(0)));
}

pub(super) async fn a_described_book_that_is_not_there_is_added(store: Store) {
    let ann = reader(&store, "ann").await;
    let fields = BookFields { isbn: Some(isbn(1)), ..book("New", "A") };
    let made = try_put(&store, described(ann, fields.clone())).await.must();
    ensure_eq!((&made.book.fields, made.book.created_at), (&fields, moment(10)));
    ensure_eq!(store.book_reader.find_by_isbn(isbn(1)).await.must(), Some(made.book));
}

pub(super) async fn a_described_book_without_an_isbn_is_always_added(store: Store) {
    let ann = reader(&store, "ann").await;
    let first = try_put(&store, described(ann, book("Same", "A"))).await.must();
    let second = try_put(&store, described(ann, book("Same", "A"))).await.must();
    ensure_ne!(first.book.id, second.book.id);
}

pub(super) async fn an_unknown_book_is_refused_where_none_may_be_added(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Known", "A") };
    let known = store.books.add(known, moment(0)).await.must();
    let refusing =
        |book| NewShelfEntry { when_unknown: WhenUnknown::Refuse, ..described(ann, book) };
    let other = BookFields { isbn: Some(isbn(2)), ..book("New", "A") };
    for unknown in [other, book("Known", "A")] {
        let refused = try_put(&store, refusing(unknown)).await;
        ensure!(matches!(refused, Err(ShelfError::UnknownBook)), "{refused:?}");
    }
    let there = BookFields { isbn: Some(isbn(1)), ..book("B", "C") };
    ensure_eq!(try_put(&store, refusing(there)).await.must().book.id, known.id);
    ensure_eq!(store.book_reader.list(every_book()).await.must().items.len(), 1);
}

pub(super) async fn a_book_stands_on_a_shelf_once(store: Store) {
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let id = add_book(&store, "A").await.id;
    let first = put(&store, ann, id, rated(3)).await;
    let again = try_put(&store, entry(ann, id, rated(5))).await;
    ensure!(matches!(again, Err(ShelfError::AlreadyOnShelf { by }) if by == first.id), "{again:?}");
    ensure_eq!(found(&store, ann, first.id).await, first);
    ensure_eq!(put(&store, bob, id, rated(5)).await.book.rating.count, 2);
}

pub(super) async fn a_full_shelf_is_told_and_nothing_added(store: Store) {
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let [one, two] = [add_book(&store, "A").await.id, add_book(&store, "B").await.id];
    let second = |entry| NewShelfEntry { most: 1, ..entry };
    let first = try_put(&store, second(entry(ann, one, rated(3)))).await.must();
    let existing = try_put(&store, second(entry(ann, two, rated(5)))).await;
    ensure!(matches!(existing, Err(ShelfError::Full { most: 1 })), "{existing:?}");
    let described = try_put(&store, second(described(ann, book("New", "A")))).await;
    ensure!(matches!(described, Err(ShelfError::Full { most: 1 })), "{described:?}");
    ensure_eq!(store.book_reader.list(every_book()).await.must().items.len(), 2);
    ensure_eq!(found_book(&store, two).await.rating.count, 0);
    ensure_eq!(store.shelves.list(everything(ann)).await.must().items.len(), 1);
    let again = try_put(&store, second(entry(ann, one, rated(5)))).await;
    ensure!(matches!(again, Err(ShelfError::AlreadyOnShelf { .. })), "{again:?}");
    let missing = try_put(&store, second(entry(ann, BookId::new(7), rated(5)))).await;
    ensure!(matches!(missing, Err(ShelfError::BookNotFound)), "{missing:?}");
    // Every shelf has room of its own, and a deleted entry makes room.
    try_put(&store, second(entry(bob, two, rated(5)))).await.must();
    store.shelves.delete(ann, first.id, Expected::Any).await.must();
    try_put(&store, second(entry(ann, two, rated(5)))).await.must();
}

pub(super) async fn a_missing_book_is_told_and_nothing_added(store: Store) {
    let ann = reader(&store, "ann").await;
    for id in [7, -1, i64::MAX] {
        let refused = try_put(&store, entry(ann, BookId::new(id), rated(5))).await;
        ensure!(matches!(refused, Err(ShelfError::BookNotFound)), "{refused:?}");
    }
    ensure_eq!(store.shelves.list(everything(ann)).await.must().items, []);
}

pub(super) async fn a_missing_user_is_told_and_nothing_added(store: Store) {
    let known = add_book(&store, "A").await;
    let refused = try_put(&store, entry(UserId::new(7), known.id, rated(5))).await;
    ensure!(matches!(refused, Err(ShelfError::UserNotFound)), "{refused:?}");
    let refused = try_put(&store, described(UserId::new(7), book("New", "A"))).await;
    ensure!(matches!(refused, Err(ShelfError::UserNotFound)), "{refused:?}");
    ensure_eq!(store.book_reader.list(every_book()).await.must().items, [known]);
}

pub(super) async fn of_simultaneous_inserts_of_a_book_one_succeeds(store: Store) {
    let ann = reader(&store, "ann").await;
    let id = add_book(&store, "A").await.id;
    let answers = store
        .at_once(20, |_| {
            let shelves = store.shelves.clone();
            async move { shelves.insert(entry(ann, id, rated(5))).await }
        })
        .await;
    let refused = |answer: &Result<_, _>| matches!(answer, Err(ShelfError::AlreadyOnShelf { .. }));
    ensure_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    ensure_eq!(answers.iter().filter(|answer| refused(answer)).count(), 19);
    ensure_eq!(store.book_reader.find(id).await.must().must().rating.count, 1);
}

pub(super) async fn of_simultaneous_readers_of_an_unknown_book_one_adds_it(store: Store) {
    let mut readers = Vec::new();
    for number in 0..20 {
        readers.push(reader(&store, &format!("reader{number}")).await);
    }
    store
        .at_once(20, |number| {
            let fields = BookFields { isbn: Some(isbn(1)), ..book("New", "A") };
            let (shelves, entry) = (store.shelves.clone(), described(readers[number], fields));
            async move { shelves.insert(entry).await.must() }
        })
        .await;
    let books = store.book_reader.list(every_book()).await.must().items;
    ensure_eq!((books.len(), books[0].rating.sum, books[0].rating.count), (1, 100, 20));
}
