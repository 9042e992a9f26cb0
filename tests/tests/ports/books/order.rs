use bookshelf_domain::Order;
use bookshelf_domain::books::{BookFields, BookQuery, BookSort};
use bookshelf_tests::{AddBook, Store};

use super::{BOTH_ORDERS, add, listed};
use crate::sample::{book, every_book, moment, year};

contract! {
    text_is_ordered_by_the_unicode_collation_algorithm,
    accents_and_case_only_break_ties,
    numbers_are_ordered_as_numbers,
    books_without_the_key_come_last_in_both_orders,
    equal_keys_are_ordered_by_id_in_the_same_direction,
    books_made_at_the_same_time_are_ordered_by_id,
    a_book_made_earlier_comes_earlier_whenever_it_was_added,
}

fn sorted(sort: BookSort, order: Order) -> BookQuery {
    BookQuery { sort, order, ..every_book() }
}

async fn text_is_ordered_by_the_unicode_collation_algorithm(store: Store) {
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
        store.books.add(book(title, title), moment(0)).await.unwrap();
    }
    for order in BOTH_ORDERS {
        for sort in [BookSort::Title, BookSort::Author] {
            assert_eq!(listed(&store, sorted(sort, order)).await, expected, "{sort:?}");
        }
        expected.reverse();
    }
}

async fn accents_and_case_only_break_ties(store: Store) {
    let expected =
        ["Apple", "cote", "Cote", "coté", "côte", "Éclair", "eclairs", "Über", "Zebra", "zèle"];
    for title in expected.iter().rev() {
        store.books.add(book(title, title), moment(0)).await.unwrap();
    }
    for sort in [BookSort::Title, BookSort::Author] {
        assert_eq!(listed(&store, sorted(sort, Order::Ascending)).await, expected, "{sort:?}");
    }
}

async fn numbers_are_ordered_as_numbers(store: Store) {
    for number in [9, -3000, 100, 0, -72, 2031, -720] {
        let fields = BookFields { year: Some(year(number)), ..book(&number.to_string(), "A") };
        store.books.add(fields, moment(0)).await.unwrap();
    }
    let ascending = ["-3000", "-720", "-72", "0", "9", "100", "2031"];
    assert_eq!(listed(&store, sorted(BookSort::Year, Order::Ascending)).await, ascending);
}

async fn books_without_the_key_come_last_in_both_orders(store: Store) {
    for (title, its_year) in
        [("none 1", None), ("later", Some(2000)), ("none 2", None), ("earlier", Some(-5))]
    {
        let fields = BookFields { year: its_year.map(year), ..book(title, "A") };
        store.books.add(fields, moment(0)).await.unwrap();
    }
    let ascending = listed(&store, sorted(BookSort::Year, Order::Ascending)).await;
    assert_eq!(ascending, ["earlier", "later", "none 1", "none 2"]);
    let descending = listed(&store, sorted(BookSort::Year, Order::Descending)).await;
    assert_eq!(descending, ["later", "earlier", "none 2", "none 1"]);
    // Nothing is rated yet, so every key is missing.
    for order in BOTH_ORDERS {
        let mut expected = ["none 1", "later", "none 2", "earlier"];
        if order == Order::Descending {
            expected.reverse();
        }
        assert_eq!(listed(&store, sorted(BookSort::Rating, order)).await, expected);
    }
}

async fn equal_keys_are_ordered_by_id_in_the_same_direction(store: Store) {
    let mut ids = Vec::new();
    for title in ["Émile", "E\u{301}mile", "Émile", "E\u{301}mile"] {
        let fields = BookFields { year: Some(year(1762)), ..book(title, title) };
        ids.push(store.books.add(fields, moment(0)).await.unwrap().id);
    }
    for sort in [BookSort::Title, BookSort::Author, BookSort::Year, BookSort::CreatedAt] {
        for order in BOTH_ORDERS {
            let listing = store.book_reader.list(sorted(sort, order)).await.unwrap();
            let listed: Vec<_> = listing.items.iter().map(|book| book.id).collect();
            let mut expected = ids.clone();
            if order == Order::Descending {
                expected.reverse();
            }
            assert_eq!(listed, expected, "{sort:?} {order:?}");
        }
    }
}

async fn books_made_at_the_same_time_are_ordered_by_id(store: Store) {
    for title in ["b", "a", "c"] {
        add(&store, title).await;
    }
    let newest_first = sorted(BookSort::CreatedAt, Order::Descending);
    assert_eq!(listed(&store, newest_first).await, ["c", "a", "b"]);
}

async fn a_book_made_earlier_comes_earlier_whenever_it_was_added(store: Store) {
    for (title, at) in [("third", 30), ("first", 10), ("second", 20)] {
        store.books.add(book(title, "A"), moment(at)).await.unwrap();
    }
    let oldest_first = sorted(BookSort::CreatedAt, Order::Ascending);
    assert_eq!(listed(&store, oldest_first).await, ["first", "second", "third"]);
}
