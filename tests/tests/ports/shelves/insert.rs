use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{BookFields, BookId};
use bookshelf_domain::shelves::{
    NewShelfEntry, ReadingStatus, ShelfEntry, ShelfEntryId, ShelfError, ShelfFields, ShelfTarget,
    WhenUnknown,
};
use bookshelf_domain::{Expected, Version};
use bookshelf_tests::{AddBook, Store};

use super::{
    add_book, day, entry, everything, found, found_book, put, rated, reader, stars, try_put,
};
use crate::at_once::at_once;
use crate::sample::{book, every_book, isbn, moment, prose};

contract! {
    a_full_shelf_is_told_and_nothing_added,
    an_entry_is_kept_as_it_was_written,
    entries_have_growing_ids_that_never_come_back,
    a_described_book_is_found_by_its_isbn_and_left_as_it_is,
    a_described_book_that_is_not_there_is_added,
    a_described_book_without_an_isbn_is_always_added,
    an_unknown_book_is_refused_where_none_may_be_added,
    a_book_stands_on_a_shelf_once,
    a_missing_book_is_told_and_nothing_added,
    a_missing_user_is_told_and_nothing_added,
    of_simultaneous_inserts_of_a_book_one_succeeds,
    of_simultaneous_readers_of_an_unknown_book_one_adds_it,
}

async fn an_entry_is_kept_as_it_was_written(store: Store) {
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
    assert_eq!((made.user_id, made.version, &made.fields), (ann, Version::FIRST, &fields));
    assert_eq!((made.added_at, made.updated_at), (moment(10), moment(10)));
    assert_eq!(made.book.fields, book.fields);
    assert_eq!((made.book.rating.sum, made.book.rating.count), (4, 1));
    assert_eq!(found(&store, ann, made.id).await, made);
    let bare = put(&store, ann, add_book(&store, "B").await.id, ShelfFields::default()).await;
    assert_eq!(found(&store, ann, bare.id).await, bare);
}

async fn entries_have_growing_ids_that_never_come_back(store: Store) {
    let ann = reader(&store, "ann").await;
    let mut last = ShelfEntryId::new(0);
    for title in ["A", "B", "C"] {
        let book = add_book(&store, title).await;
        let id = put(&store, ann, book.id, ShelfFields::default()).await.id;
        assert!(id > last);
        last = id;
        store.shelves.delete(ann, id, Expected::Any).await.unwrap();
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

async fn a_described_book_is_found_by_its_isbn_and_left_as_it_is(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Known", "A") };
    let known = store.books.add(known, moment(0)).await.unwrap();
    let other = BookFields { isbn: Some(isbn(1)), ..book("Another title", "B") };
    let made = try_put(&store, described(ann, other)).await.unwrap();
    assert_eq!((made.book.id, &made.book.fields), (known.id, &known.fields));
    assert_eq!((made.book.version, made.book.updated_at), (Version::FIRST, moment(0)));
}

async fn a_described_book_that_is_not_there_is_added(store: Store) {
    let ann = reader(&store, "ann").await;
    let fields = BookFields { isbn: Some(isbn(1)), ..book("New", "A") };
    let made = try_put(&store, described(ann, fields.clone())).await.unwrap();
    assert_eq!((&made.book.fields, made.book.created_at), (&fields, moment(10)));
    assert_eq!(store.book_reader.find_by_isbn(isbn(1)).await.unwrap(), Some(made.book));
}

async fn a_described_book_without_an_isbn_is_always_added(store: Store) {
    let ann = reader(&store, "ann").await;
    let first = try_put(&store, described(ann, book("Same", "A"))).await.unwrap();
    let second = try_put(&store, described(ann, book("Same", "A"))).await.unwrap();
    assert_ne!(first.book.id, second.book.id);
}

async fn an_unknown_book_is_refused_where_none_may_be_added(store: Store) {
    let ann = reader(&store, "ann").await;
    let known = BookFields { isbn: Some(isbn(1)), ..book("Known", "A") };
    let known = store.books.add(known, moment(0)).await.unwrap();
    let refusing =
        |book| NewShelfEntry { when_unknown: WhenUnknown::Refuse, ..described(ann, book) };
    let other = BookFields { isbn: Some(isbn(2)), ..book("New", "A") };
    for unknown in [other, book("Known", "A")] {
        let refused = try_put(&store, refusing(unknown)).await;
        assert!(matches!(refused, Err(ShelfError::UnknownBook)), "{refused:?}");
    }
    let there = BookFields { isbn: Some(isbn(1)), ..book("B", "C") };
    assert_eq!(try_put(&store, refusing(there)).await.unwrap().book.id, known.id);
    assert_eq!(store.book_reader.list(every_book()).await.unwrap().items.len(), 1);
}

async fn a_book_stands_on_a_shelf_once(store: Store) {
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let id = add_book(&store, "A").await.id;
    let first = put(&store, ann, id, rated(3)).await;
    let again = try_put(&store, entry(ann, id, rated(5))).await;
    assert!(matches!(again, Err(ShelfError::AlreadyOnShelf { by }) if by == first.id), "{again:?}");
    assert_eq!(found(&store, ann, first.id).await, first);
    assert_eq!(put(&store, bob, id, rated(5)).await.book.rating.count, 2);
}

async fn a_full_shelf_is_told_and_nothing_added(store: Store) {
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let [one, two] = [add_book(&store, "A").await.id, add_book(&store, "B").await.id];
    let second = |entry| NewShelfEntry { most: 1, ..entry };
    let first = try_put(&store, second(entry(ann, one, rated(3)))).await.unwrap();
    let existing = try_put(&store, second(entry(ann, two, rated(5)))).await;
    assert!(matches!(existing, Err(ShelfError::Full { most: 1 })), "{existing:?}");
    let described = try_put(&store, second(described(ann, book("New", "A")))).await;
    assert!(matches!(described, Err(ShelfError::Full { most: 1 })), "{described:?}");
    assert_eq!(store.book_reader.list(every_book()).await.unwrap().items.len(), 2);
    assert_eq!(found_book(&store, two).await.rating.count, 0);
    assert_eq!(store.shelves.list(everything(ann)).await.unwrap().items.len(), 1);
    let again = try_put(&store, second(entry(ann, one, rated(5)))).await;
    assert!(matches!(again, Err(ShelfError::AlreadyOnShelf { .. })), "{again:?}");
    let missing = try_put(&store, second(entry(ann, BookId::new(7), rated(5)))).await;
    assert!(matches!(missing, Err(ShelfError::BookNotFound)), "{missing:?}");
    // Every shelf has room of its own, and a deleted entry makes room.
    try_put(&store, second(entry(bob, two, rated(5)))).await.unwrap();
    store.shelves.delete(ann, first.id, Expected::Any).await.unwrap();
    try_put(&store, second(entry(ann, two, rated(5)))).await.unwrap();
}

async fn a_missing_book_is_told_and_nothing_added(store: Store) {
    let ann = reader(&store, "ann").await;
    for id in [7, -1, i64::MAX] {
        let refused = try_put(&store, entry(ann, BookId::new(id), rated(5))).await;
        assert!(matches!(refused, Err(ShelfError::BookNotFound)), "{refused:?}");
    }
    assert_eq!(store.shelves.list(everything(ann)).await.unwrap().items, []);
}

async fn a_missing_user_is_told_and_nothing_added(store: Store) {
    let known = add_book(&store, "A").await;
    let refused = try_put(&store, entry(UserId::new(7), known.id, rated(5))).await;
    assert!(matches!(refused, Err(ShelfError::UserNotFound)), "{refused:?}");
    let refused = try_put(&store, described(UserId::new(7), book("New", "A"))).await;
    assert!(matches!(refused, Err(ShelfError::UserNotFound)), "{refused:?}");
    assert_eq!(store.book_reader.list(every_book()).await.unwrap().items, [known]);
}

async fn of_simultaneous_inserts_of_a_book_one_succeeds(store: Store) {
    let ann = reader(&store, "ann").await;
    let id = add_book(&store, "A").await.id;
    let answers = at_once(20, |_| {
        let shelves = store.shelves.clone();
        async move { shelves.insert(entry(ann, id, rated(5))).await }
    })
    .await;
    let refused = |answer: &Result<_, _>| matches!(answer, Err(ShelfError::AlreadyOnShelf { .. }));
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| refused(answer)).count(), 19);
    assert_eq!(store.book_reader.find(id).await.unwrap().unwrap().rating.count, 1);
}

async fn of_simultaneous_readers_of_an_unknown_book_one_adds_it(store: Store) {
    let mut readers = Vec::new();
    for number in 0..20 {
        readers.push(reader(&store, &format!("reader{number}")).await);
    }
    at_once(20, |number| {
        let fields = BookFields { isbn: Some(isbn(1)), ..book("New", "A") };
        let (shelves, entry) = (store.shelves.clone(), described(readers[number], fields));
        async move { shelves.insert(entry).await.unwrap() }
    })
    .await;
    let books = store.book_reader.list(every_book()).await.unwrap().items;
    assert_eq!((books.len(), books[0].rating.sum, books[0].rating.count), (1, 100, 20));
}
