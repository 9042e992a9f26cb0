use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::SearchWords;
use bookshelf_domain::shelves::{
    NewShelfEntry, ReadingStatus, ShelfEntry, ShelfEntryId, ShelfFields, ShelfFilter, ShelfQuery,
    ShelfSort,
};
use bookshelf_domain::{Expected, Order, Start, Total};

use super::{day, entry, everything, put, rated, reader, titles, try_put, with_status};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddBook, BOTH_ORDERS, book, moment, stars};
use crate::saw::Must;

const SORTS: [ShelfSort; 5] = [
    ShelfSort::AddedAt,
    ShelfSort::Title,
    ShelfSort::Author,
    ShelfSort::Rating,
    ShelfSort::FinishedOn,
];

async fn shelve(
    store: &Store,
    user: UserId,
    title: &str,
    author: &str,
    fields: ShelfFields,
) -> ShelfEntry {
    let book = store.books.add(book(title, author), moment(0)).await.must();
    put(store, user, book.id, fields).await
}

pub(super) async fn every_reader_sees_its_own_entries_alone(store: Store) {
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    shelve(&store, ann, "Ann's", "A", rated(1)).await;
    shelve(&store, bob, "Bob's", "A", rated(1)).await;
    for sort in SORTS {
        for filter in
            [ShelfFilter::default(), ShelfFilter { rating: stars(1), ..ShelfFilter::default() }]
        {
            let query = ShelfQuery { sort, filter, ..everything(ann) };
            let listing = store.shelves.list(query.clone()).await.must();
            ensure_eq!(listing.total, Some(Total { items: 1, exact: true }));
            ensure_eq!(titles(&store, query).await, ["Ann's"]);
        }
    }
    let nobody = store.shelves.list(everything(UserId::new(99))).await.must();
    ensure_eq!((nobody.items.len(), nobody.total.must().items), (0, 0));
}

pub(super) async fn entries_are_in_the_order_of_the_sort(store: Store) {
    let ann = reader(&store, "ann").await;
    let finished = |on, rating| ShelfFields { finished_on: day(on), ..rated(rating) };
    for (number, (title, author, fields)) in [
        ("Ä", "Z", ShelfFields::default()),
        ("b", "É", finished("2026-01-02", 2)),
        ("A", "y", finished("1969-12-31", 5)),
    ]
    .into_iter()
    .enumerate()
    {
        let book = store.books.add(book(title, author), moment(0)).await.must();
        let at = moment(100 - i64::try_from(number).must());
        try_put(&store, NewShelfEntry { at, ..entry(ann, book.id, fields) }).await.must();
    }
    for (sort, ascending, descending) in [
        (ShelfSort::AddedAt, ["A", "b", "Ä"], ["Ä", "b", "A"]),
        (ShelfSort::Title, ["A", "Ä", "b"], ["b", "Ä", "A"]),
        (ShelfSort::Author, ["b", "A", "Ä"], ["Ä", "A", "b"]),
        (ShelfSort::Rating, ["b", "A", "Ä"], ["A", "b", "Ä"]),
        (ShelfSort::FinishedOn, ["A", "b", "Ä"], ["b", "A", "Ä"]),
    ] {
        for (order, expected) in BOTH_ORDERS.into_iter().zip([ascending, descending]) {
            let query = ShelfQuery { sort, order, ..everything(ann) };
            ensure_eq!(titles(&store, query).await, expected, "{sort:?} {order:?}");
        }
    }
}

pub(super) async fn equal_keys_are_in_the_order_of_their_ids(store: Store) {
    let ann = reader(&store, "ann").await;
    for _ in 0..5 {
        shelve(&store, ann, "Same", "A", ShelfFields::default()).await;
    }
    for sort in SORTS {
        for order in BOTH_ORDERS {
            let listing =
                store.shelves.list(ShelfQuery { sort, order, ..everything(ann) }).await.must();
            let ids: Vec<_> = listing.items.iter().map(|entry| entry.id).collect();
            let mut sorted = ids.clone();
            sorted.sort_unstable();
            if order == Order::Descending {
                sorted.reverse();
            }
            ensure_eq!(ids, sorted, "{sort:?}");
        }
    }
}

pub(super) async fn filters_are_all_held_to(store: Store) {
    let ann = reader(&store, "ann").await;
    let read = |rating| ShelfFields { status: ReadingStatus::Read, ..rated(rating) };
    shelve(&store, ann, "one", "A", read(1)).await;
    shelve(&store, ann, "five", "A", read(5)).await;
    shelve(&store, ann, "wanted five", "A", rated(5)).await;
    shelve(&store, ann, "reading", "A", with_status(ReadingStatus::Reading)).await;
    let found = async |filter| titles(&store, ShelfQuery { filter, ..everything(ann) }).await;
    let status = Some(ReadingStatus::Read);
    let all = ShelfFilter::default;
    ensure_eq!(found(ShelfFilter { status, ..all() }).await, ["one", "five"]);
    ensure_eq!(found(ShelfFilter { rating: stars(5), ..all() }).await, ["five", "wanted five"]);
    ensure_eq!(found(ShelfFilter { status, rating: stars(5), ..all() }).await, ["five"]);
    let search = SearchWords::new("FIVE");
    let narrow = ShelfFilter { search, status: Some(ReadingStatus::WantToRead), ..all() };
    ensure_eq!(found(narrow).await, ["wanted five"]);
    ensure!(found(ShelfFilter { rating: stars(2), ..all() }).await.is_empty());
}

pub(super) async fn text_is_found_in_title_and_author_ignoring_case_and_wildcards(store: Store) {
    let ann = reader(&store, "ann").await;
    for (title, author) in
        [("Germinal", "Émile Zola"), ("Émile", "Rousseau"), ("100%", "A_B"), ("Война", "Лев")]
    {
        shelve(&store, ann, title, author, ShelfFields::default()).await;
    }
    for (part, expected) in [
        ("ÉMILE", &["Germinal", "Émile"][..]),
        ("%", &["100%"]),
        ("_", &["100%"]),
        ("ЛЕВ", &["Война"]),
        ("*", &[]),
        ("z", &["Germinal"]),
    ] {
        let filter = ShelfFilter { search: SearchWords::new(part), ..ShelfFilter::default() };
        let found = titles(&store, ShelfQuery { filter, ..everything(ann) }).await;
        ensure_eq!(found, expected, "{part}");
    }
}

pub(super) async fn totals_count_what_the_filter_lets_through(store: Store) {
    let ann = reader(&store, "ann").await;
    for number in 0..6 {
        shelve(&store, ann, &format!("{number}"), "A", rated(number % 2 + 1)).await;
    }
    let query = ShelfQuery { limit: 2, ..everything(ann) };
    let listing = store.shelves.list(query.clone()).await.must();
    ensure_eq!((listing.items.len(), listing.has_next), (2, true));
    ensure_eq!(listing.total, Some(Total { items: 6, exact: true }));
    let filter = ShelfFilter { rating: stars(2), ..ShelfFilter::default() };
    let query = ShelfQuery { filter, start: Start::Offset(2), ..query };
    let listing = store.shelves.list(query.clone()).await.must();
    ensure_eq!((listing.items.len(), listing.has_next), (1, false));
    ensure_eq!(listing.total, Some(Total { items: 3, exact: true }));
    let uncounted = ShelfQuery { count: false, ..query };
    ensure_eq!(store.shelves.list(uncounted).await.must().total, None);
}

pub(super) async fn reading_on_skips_and_repeats_nothing(store: Store) {
    let ann = reader(&store, "ann").await;
    let mut gone = ShelfEntryId::new(0);
    for number in 0..12 {
        let fields = ShelfFields {
            rating: (number % 3 > 0).then(|| stars(number % 3)).flatten(),
            finished_on: (number % 4 > 0)
                .then(|| day(&format!("2026-01-0{}", number % 4)))
                .flatten(),
            ..ShelfFields::default()
        };
        let title = format!("{}", number % 5);
        gone = shelve(&store, ann, &title, "A", fields).await.id;
    }
    for sort in SORTS {
        for order in BOTH_ORDERS {
            let query = ShelfQuery { sort, order, ..everything(ann) };
            let whole = store.shelves.list(query.clone()).await.must().items;
            let mut read = Vec::new();
            let mut query = ShelfQuery { limit: 1, count: false, ..query };
            loop {
                let page = store.shelves.list(query.clone()).await.must();
                let Some(last) = page.items.last() else { break };
                query.start = Start::After(sort.position(last));
                read.extend(page.items);
                ensure_eq!(page.has_next, read.len() < whole.len());
                ensure!(read.len() <= whole.len(), "a walk without an end");
            }
            ensure_eq!(read, whole, "{sort:?} {order:?}");
        }
    }
    // A place is read on from though its entry is gone.
    let position = ShelfSort::AddedAt.position(&super::found(&store, ann, gone).await);
    store.shelves.delete(ann, gone, Expected::Any).await.must();
    let order = Order::Descending;
    let query = ShelfQuery { start: Start::After(position), order, ..everything(ann) };
    ensure_eq!(store.shelves.list(query).await.must().items.len(), 11);
}

pub(super) async fn the_whole_shelf_is_read_by_id(store: Store) {
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let mut expected = Vec::new();
    for number in 0..5 {
        shelve(&store, bob, "Bob's", "A", ShelfFields::default()).await;
        expected.push(shelve(&store, ann, &format!("{number}"), "A", rated(3)).await);
    }
    let first = store.shelves.read_after(ann, ShelfEntryId::new(0), 3).await.must();
    ensure_eq!(first, expected[..3]);
    let rest = store.shelves.read_after(ann, first[2].id, 3).await.must();
    ensure_eq!(rest, expected[3..]);
    ensure_eq!(store.shelves.read_after(ann, rest[1].id, 3).await.must(), []);
}
