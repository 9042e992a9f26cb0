use bookshelf_domain::books::{
    Book, BookFields, BookFilter, BookId, BookQuery, BookSort, ImportBatch, OnConflict,
    SearchWords, WhenShelved,
};
use bookshelf_domain::{
    COUNT_LIMIT, Expected, Listing, Order, Position, SearchText, SortKey, Start, Total,
};
use bookshelf_tests::{AddBook, Store};

use super::import::row;
use super::{BOTH_ORDERS, add, listed, title_has};
use crate::at_once::at_once;
use crate::sample::{book, every_book, isbn, line, moment, year};

contract! {
    a_page_is_never_longer_than_its_limit_and_says_whether_more_follow,
    a_page_past_the_end_is_empty,
    totals_are_given_where_they_are_asked_for,
    a_filtered_total_is_capped_and_a_whole_one_exact,
    the_total_of_all_books_follows_every_write,
    a_page_anywhere_is_a_part_of_the_whole_list,
    every_walk_gives_every_book_once,
    a_filtered_walk_gives_every_match_once,
    a_position_holds_when_its_book_is_gone,
    a_position_needs_no_book,
    a_position_outside_of_the_filter_lets_nothing_else_in,
    a_walk_skips_and_repeats_nothing_while_others_write,
    the_whole_catalogue_is_read_by_id,
}

const SORTS: [BookSort; 5] =
    [BookSort::Title, BookSort::Author, BookSort::Year, BookSort::CreatedAt, BookSort::Rating];

async fn list(store: &Store, query: BookQuery) -> Listing<Book> {
    store.book_reader.list(query).await.unwrap()
}

async fn a_page_is_never_longer_than_its_limit_and_says_whether_more_follow(store: Store) {
    for title in ["a", "b", "c", "d"] {
        add(&store, title).await;
    }
    for (offset, limit, length, has_next) in
        [(0, 3, 3, true), (0, 4, 4, false), (0, 5, 4, false), (1, 3, 3, false), (3, 1, 1, false)]
    {
        let start = Start::Offset(offset);
        let listing = list(&store, BookQuery { start, limit, ..every_book() }).await;
        assert_eq!((listing.items.len(), listing.has_next), (length, has_next), "{limit}");
    }
}

async fn a_page_past_the_end_is_empty(store: Store) {
    add(&store, "a").await;
    for offset in [1, 1000, i64::MAX.unsigned_abs()] {
        let listing =
            list(&store, BookQuery { start: Start::Offset(offset), ..every_book() }).await;
        assert_eq!(listing.items, []);
        assert!(!listing.has_next);
        assert_eq!(listing.total, Some(Total { items: 1, exact: true }));
    }
}

async fn totals_are_given_where_they_are_asked_for(store: Store) {
    assert_eq!(list(&store, every_book()).await.total, Some(Total { items: 0, exact: true }));
    for title in ["apple", "apricot", "pear"] {
        add(&store, title).await;
    }
    for (filter, items) in [
        (BookFilter::default(), 3),
        (title_has("ap"), 2),
        (title_has("app"), 1),
        (title_has("x"), 0),
    ] {
        let query = BookQuery { filter, limit: 1, ..every_book() };
        let total = list(&store, query.clone()).await.total;
        assert_eq!(total, Some(Total { items, exact: true }));
        assert_eq!(list(&store, BookQuery { count: false, ..query }).await.total, None);
    }
}

async fn a_filtered_total_is_capped_and_a_whole_one_exact(store: Store) {
    at_once(64, |task| {
        let books = store.books.clone();
        async move {
            for number in (0..=COUNT_LIMIT).skip(task).step_by(64) {
                let title = format!("Volume {number}");
                let fields = BookFields { year: Some(year(1900)), ..book(&title, "A") };
                books.add(fields, moment(0)).await.unwrap();
            }
        }
    })
    .await;
    let total =
        async |filter| list(&store, BookQuery { filter, limit: 1, ..every_book() }).await.total;
    let filters = [
        title_has("volume"),
        title_has("vo"),
        BookFilter { search: SearchWords::new("olu"), ..BookFilter::default() },
        BookFilter { year: Some(1900), ..BookFilter::default() },
        BookFilter { genre: Some(SearchText::new("unknown")), ..BookFilter::default() },
    ];
    assert_eq!(
        total(BookFilter::default()).await,
        Some(Total { items: COUNT_LIMIT + 1, exact: true })
    );
    for filter in &filters {
        let capped = Some(Total { items: COUNT_LIMIT, exact: false });
        assert_eq!(total(filter.clone()).await, capped, "{filter:?}");
    }
    let first = list(&store, BookQuery { limit: 1, ..every_book() }).await.items[0].id;
    store.books.delete(first, Expected::Any, WhenShelved::Refuse).await.unwrap();
    for filter in filters {
        let exact = Some(Total { items: COUNT_LIMIT, exact: true });
        assert_eq!(total(filter).await, exact);
    }
}

async fn the_total_of_all_books_follows_every_write(store: Store) {
    let total = async || list(&store, BookQuery { limit: 1, ..every_book() }).await.total.unwrap();
    let numbered = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let first = store.books.add(numbered.clone(), moment(0)).await.unwrap();
    assert!(store.books.add(numbered.clone(), moment(0)).await.is_err());
    assert_eq!(total().await.items, 1);
    let rows = [numbered, book("C", "D"), book("c", "d"), book("E", "F")].map(row).to_vec();
    let batch = |dry_run| {
        let (rows, on_conflict) = (rows.clone(), OnConflict::Update);
        ImportBatch { rows, on_conflict, dry_run, at: moment(1) }
    };
    store.books.import(batch(true)).await.unwrap();
    assert_eq!(total().await.items, 1);
    store.books.import(batch(false)).await.unwrap();
    assert_eq!(total().await.items, 3);
    store.books.delete(first.id, Expected::Any, WhenShelved::Refuse).await.unwrap();
    assert!(store.books.delete(first.id, Expected::Any, WhenShelved::Refuse).await.is_err());
    assert_eq!(total().await.items, 2);
    at_once(20, |number| {
        let books = store.books.clone();
        async move {
            let added = books.add(book("G", &number.to_string()), moment(2)).await.unwrap();
            if number % 2 == 0 {
                books.delete(added.id, Expected::Any, WhenShelved::Refuse).await.unwrap();
            }
        }
    })
    .await;
    assert_eq!(total().await, Total { items: 12, exact: true });
}

async fn a_page_anywhere_is_a_part_of_the_whole_list(store: Store) {
    let rows = (0..450).map(|number| {
        let year = (number % 4 != 0).then(|| year(number % 7));
        row(BookFields { year, ..book(&format!("T {}", number % 11), &number.to_string()) })
    });
    let (rows, on_conflict) = (rows.collect(), OnConflict::Skip);
    let batch = ImportBatch { rows, on_conflict, dry_run: false, at: moment(0) };
    store.books.import(batch).await.unwrap();
    for sort in SORTS {
        for order in BOTH_ORDERS {
            let all = BookQuery { sort, order, ..every_book() };
            let expected = ids(&list(&store, all.clone()).await.items);
            for offset in [0, 1, 150, 220, 230, 300, 431, 449] {
                let query = BookQuery { start: Start::Offset(offset), limit: 20, ..all.clone() };
                let page = list(&store, query.clone()).await;
                let rest = &expected[usize::try_from(offset).unwrap()..];
                assert_eq!(ids(&page.items), rest[..rest.len().min(20)], "{query:?}");
                assert_eq!(page.has_next, rest.len() > 20, "{query:?}");
                assert_eq!(page.total.unwrap().items, 450);
            }
        }
    }
}

/// Books of which many are alike in one way or another.
async fn fill(store: &Store) {
    let titles =
        ["Émile", "émile", "E\u{301}mile", "100%", "三体", "ألف ليلة", "📚", "Лев", "a", "A"];
    for (number, title) in (0..40).zip(titles.iter().cycle()) {
        let fields = BookFields {
            year: (number % 3 != 0).then(|| year(number % 5 - 3)),
            genre: (number % 2 == 0).then(|| line("Novel")),
            ..book(title, titles[usize::try_from(number / 5).unwrap()])
        };
        store.books.add(fields, moment(i64::from(number / 4))).await.unwrap();
    }
}

fn ids(books: &[Book]) -> Vec<BookId> {
    books.iter().map(|book| book.id).collect()
}

/// Reads page after page to the end, each starting where `next` says.
async fn walk(
    store: &Store,
    mut query: BookQuery,
    next: impl Fn(&BookQuery, &[Book]) -> Start<Book>,
) -> Vec<BookId> {
    let mut seen = Vec::new();
    loop {
        let listing = list(store, query.clone()).await;
        seen.extend(listing.items.clone());
        if !listing.has_next {
            return ids(&seen);
        }
        assert!(seen.len() < 1000, "the walk has no end: {query:?}");
        assert_eq!(listing.items.len(), usize::try_from(query.limit).unwrap());
        query.start = next(&query, &seen);
    }
}

fn by_offset(_: &BookQuery, seen: &[Book]) -> Start<Book> {
    Start::Offset(u64::try_from(seen.len()).unwrap())
}

fn by_position(query: &BookQuery, seen: &[Book]) -> Start<Book> {
    Start::After(query.sort.position(&seen[seen.len() - 1]))
}

async fn every_walk_gives_every_book_once(store: Store) {
    fill(&store).await;
    for sort in SORTS {
        for order in BOTH_ORDERS {
            let query = BookQuery { sort, order, ..every_book() };
            let expected = ids(&list(&store, query.clone()).await.items);
            assert_eq!(expected.len(), 40);
            for limit in [1, 3, 7, 40] {
                let query = BookQuery { limit, ..query.clone() };
                assert_eq!(walk(&store, query.clone(), by_offset).await, expected, "{query:?}");
                assert_eq!(walk(&store, query.clone(), by_position).await, expected, "{query:?}");
            }
        }
    }
}

async fn a_filtered_walk_gives_every_match_once(store: Store) {
    fill(&store).await;
    let part = |part: &str| Some(SearchText::new(part));
    let filters = [
        BookFilter { title: part("émi"), ..BookFilter::default() },
        BookFilter { search: SearchWords::new("m"), ..BookFilter::default() },
        BookFilter {
            search: SearchWords::new("émile"),
            genre: part("novel"),
            ..BookFilter::default()
        },
        BookFilter { genre: part("unknown"), ..BookFilter::default() },
        BookFilter { year_from: Some(-1), ..BookFilter::default() },
    ];
    for filter in filters {
        for (sort, order) in
            SORTS.into_iter().flat_map(|sort| BOTH_ORDERS.map(|order| (sort, order)))
        {
            let query = BookQuery { filter: filter.clone(), sort, order, ..every_book() };
            let expected = ids(&list(&store, query.clone()).await.items);
            assert!(!expected.is_empty(), "{query:?}");
            let query = BookQuery { limit: 2, ..query };
            assert_eq!(walk(&store, query.clone(), by_offset).await, expected, "{query:?}");
            assert_eq!(walk(&store, query.clone(), by_position).await, expected, "{query:?}");
        }
    }
}

async fn a_position_holds_when_its_book_is_gone(store: Store) {
    for title in ["a", "b", "c", "d"] {
        add(&store, title).await;
    }
    for sort in SORTS {
        let query = BookQuery { sort, ..every_book() };
        let books = list(&store, query.clone()).await.items;
        let start = Start::After(sort.position(&books[0]));
        let rest = listed(&store, BookQuery { start: start.clone(), ..query.clone() }).await;
        store.books.delete(books[0].id, Expected::Any, WhenShelved::Refuse).await.unwrap();
        assert_eq!(listed(&store, BookQuery { start, ..query }).await, rest);
        add(&store, books[0].fields.title.as_str()).await;
    }
}

async fn a_position_needs_no_book(store: Store) {
    for (title, its_year) in [("b", Some(-2)), ("d", Some(4)), ("f", None)] {
        let fields = BookFields { year: its_year.map(year), ..book(title, "A") };
        store.books.add(fields, moment(0)).await.unwrap();
    }
    let from = async |sort, order, key, id| {
        let start = Start::After(Position { key, id: BookId::new(id) });
        listed(&store, BookQuery { sort, order, start, ..every_book() }).await
    };
    let text = SortKey::collated;
    use {BookSort::*, Order::*};
    assert_eq!(from(Title, Ascending, text("c"), 0).await, ["d", "f"]);
    assert_eq!(from(Title, Ascending, text("d"), 0).await, ["d", "f"]);
    assert_eq!(from(Title, Ascending, text("d"), i64::MAX).await, ["f"]);
    assert_eq!(from(Title, Descending, text("e"), 0).await, ["d", "b"]);
    assert_eq!(from(Title, Descending, text("d"), 0).await, ["b"]);
    assert_eq!(from(Year, Ascending, SortKey::Number(0), 0).await, ["d", "f"]);
    assert_eq!(from(Year, Descending, SortKey::Number(0), 0).await, ["b", "f"]);
    assert_eq!(from(Year, Ascending, SortKey::Missing, 0).await, ["f"]);
    assert_eq!(from(Year, Descending, SortKey::Missing, i64::MAX).await, ["f"]);
    assert!(from(Year, Ascending, SortKey::Missing, i64::MAX).await.is_empty());
    assert!(from(Year, Descending, SortKey::Missing, 0).await.is_empty());
}

async fn a_position_outside_of_the_filter_lets_nothing_else_in(store: Store) {
    for (title, its_year) in [("a", None), ("b", Some(1)), ("c", Some(5)), ("d", Some(9))] {
        let fields = BookFields { year: its_year.map(year), ..book(title, "A") };
        store.books.add(fields, moment(0)).await.unwrap();
    }
    let from = async |order, key, id| {
        let filter = BookFilter { year_from: Some(4), year_to: Some(6), ..BookFilter::default() };
        let start = Start::After(Position { key, id: BookId::new(id) });
        listed(&store, BookQuery { filter, sort: BookSort::Year, order, start, ..every_book() })
            .await
    };
    for year in [-9, 0, 1, 4] {
        assert_eq!(from(Order::Ascending, SortKey::Number(year), 0).await, ["c"], "{year}");
        assert!(from(Order::Descending, SortKey::Number(year), 9).await.is_empty(), "{year}");
    }
    for year in [6, 9, 20] {
        assert!(from(Order::Ascending, SortKey::Number(year), 0).await.is_empty(), "{year}");
        assert_eq!(from(Order::Descending, SortKey::Number(year), 9).await, ["c"], "{year}");
    }
    for (order, id) in [(Order::Ascending, 0), (Order::Descending, i64::MAX)] {
        assert!(from(order, SortKey::Missing, id).await.is_empty());
    }
}

async fn a_walk_skips_and_repeats_nothing_while_others_write(store: Store) {
    for number in 10..40 {
        add(&store, &number.to_string()).await;
    }
    let mut query = BookQuery { sort: BookSort::Title, limit: 4, ..every_book() };
    let mut seen = Vec::new();
    let mut number = 0;
    loop {
        let listing = list(&store, query.clone()).await;
        seen.extend(listing.items.iter().map(|book| book.fields.title.as_str().to_owned()));
        if !listing.has_next {
            break;
        }
        let last = &listing.items[listing.items.len() - 1];
        query.start = Start::After(query.sort.position(last));
        // One that was read goes, and one comes where the walk has been already.
        store.books.delete(last.id, Expected::Any, WhenShelved::Refuse).await.unwrap();
        add(&store, &format!("0{number}")).await;
        number += 1;
    }
    let expected: Vec<_> = (10..40).map(|number| number.to_string()).collect();
    assert_eq!(seen, expected);
}

async fn the_whole_catalogue_is_read_by_id(store: Store) {
    fill(&store).await;
    let all = list(&store, every_book()).await.items;
    store.books.delete(all[10].id, Expected::Any, WhenShelved::Refuse).await.unwrap();
    let mut expected = ids(&all);
    expected.remove(10);
    let (mut seen, mut after) = (Vec::new(), BookId::new(0));
    loop {
        let books = store.books.read_after(after, 6).await.unwrap();
        assert!(books.len() <= 6);
        let Some(last) = books.last() else { break };
        after = last.id;
        seen.extend(ids(&books));
    }
    assert_eq!(seen, expected);
}
