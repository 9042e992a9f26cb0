use bookshelf_domain::Order;
use bookshelf_domain::books::{BookFields, BookQuery, BookSort};

use super::{add, listed};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::{AddBook, BOTH_ORDERS, book, every_book, moment, year};
use crate::saw::Must;

fn sorted(sort: BookSort, order: Order) -> BookQuery {
    BookQuery { sort, order, ..every_book() }
}

pub(super) async fn text_is_ordered_by_the_unicode_collation_algorithm(store: Store) {
    let mut expected = [
        "_x",
        "!",
        "📚",
        "￥",
        "100",
        "99",
        "Alpha",
        "alpha beta",
        "ÄRGER",
        "BETA",
        "émile",
        "straße",
        "Strasse 2",
        "zebra",
        "Zoë",
        "ωmega",
        "ЛЕВ",
        "лес",
        "ألف",
        "紅",
    ];
    for title in expected.iter().rev() {
        store.books.add(book(title, title), moment(0)).await.must();
    }
    for order in BOTH_ORDERS {
        for sort in [BookSort::Title, BookSort::Author] {
            ensure_eq!(listed(&store, sorted(sort, order)).await, expected, "{sort:?}");
        }
        expected.reverse();
    }
}

pub(super) async fn accents_and_case_only_break_ties(store: Store) {
    let expected =
        ["Apple", "cote", "Cote", "coté", "côte", "Éclair", "eclairs", "Über", "Zebra", "zèle"];
    for title in expected.iter().rev() {
        store.books.add(book(title, title), moment(0)).await.must();
    }
    for sort in [BookSort::Title, BookSort::Author] {
        ensure_eq!(listed(&store, sorted(sort, Order::Ascending)).await, expected, "{sort:?}");
    }
}

pub(super) async fn numbers_are_ordered_as_numbers(store: Store) {
    for number in [9, -3000, 100, 0, -72, 2031, -720] {
        let fields = BookFields { year: Some(year(number)), ..book(&number.to_string(), "A") };
        store.books.add(fields, moment(0)).await.must();
    }
    let ascending = ["-3000", "-720", "-72", "0", "9", "100", "2031"];
    ensure_eq!(listed(&store, sorted(BookSort::Year, Order::Ascending)).await, ascending);
}

pub(super) async fn books_without_the_key_come_last_in_both_orders(store: Store) {
    for (title, its_year) in
        [("none 1", None), ("later", Some(2000)), ("none 2", None), ("earlier", Some(-5))]
    {
        let fields = BookFields { year: its_year.map(year), ..book(title, "A") };
        store.books.add(fields, moment(0)).await.must();
    }
    let ascending = listed(&store, sorted(BookSort::Year, Order::Ascending)).await;
    ensure_eq!(ascending, ["earlier", "later", "none 1", "none 2"]);
    let descending = listed(&store, sorted(BookSort::Year, Order::Descending)).await;
    ensure_eq!(descending, ["later", "earlier", "none 2", "none 1"]);
    // Nothing is rated yet, so every key is missing.
    for order in BOTH_ORDERS {
        let mut expected = ["none 1", "later", "none 2", "earlier"];
        if order == Order::Descending {
            expected.reverse();
        }
        ensure_eq!(listed(&store, sorted(BookSort::Rating, order)).await, expected);
    }
}

pub(super) async fn equal_keys_are_ordered_by_id_in_the_same_direction(store: Store) {
    let mut ids = Vec::new();
    for title in ["Émile", "E\u{301}mile", "Émile", "E\u{301}mile"] {
        let fields = BookFields { year: Some(year(1762)), ..book(title, title) };
        ids.push(store.books.add(fields, moment(0)).await.must().id);
    }
    for sort in [BookSort::Title, BookSort::Author, BookSort::Year, BookSort::CreatedAt] {
        for order in BOTH_ORDERS {
            let listing = store.book_reader.list(sorted(sort, order)).await.must();
            let listed: Vec<_> = listing.items.iter().map(|book| book.id).collect();
            let mut expected = ids.clone();
            if order == Order::Descending {
                expected.reverse();
            }
            ensure_eq!(listed, expected, "{sort:?} {order:?}");
        }
    }
}

pub(super) async fn books_made_at_the_same_time_are_ordered_by_id(store: Store) {
    for title in ["b", "a", "c"] {
        add(&store, title).await;
    }
    let newest_first = sorted(BookSort::CreatedAt, Order::Descending);
    ensure_eq!(listed(&store, newest_first).await, ["c", "a", "b"]);
}

pub(super) async fn a_book_made_earlier_comes_earlier_whenever_it_was_added(store: Store) {
    for (title, at) in [("third", 30), ("first", 10), ("second", 20)] {
        store.books.add(book(title, "A"), moment(at)).await.must();
    }
    let oldest_first = sorted(BookSort::CreatedAt, Order::Ascending);
    ensure_eq!(listed(&store, oldest_first).await, ["first", "second", "third"]);
}
