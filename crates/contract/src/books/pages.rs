use bookshelf_domain::books::{
    Book, BookFields, BookFilter, BookId, BookQuery, BookSort, ImportBatch, OnConflict,
    SearchWords, WhenShelved,
};
use bookshelf_domain::{
    COUNT_LIMIT, Expected, Listing, Order, Position, SearchText, SortKey, Start, Total,
};

use super::{add, listed, title_has};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddBook, BOTH_ORDERS, book, every_book, import_row, isbn, line, moment, year};
use crate::saw::Must;

const SORTS: [BookSort; 5] =
    [BookSort::Title, BookSort::Author, BookSort::Year, BookSort::CreatedAt, BookSort::Rating];

async fn list(store: &Store, query: BookQuery) -> Listing<Book> {
    store.book_reader.list(query).await.must()
}

pub(super) async fn a_page_is_never_longer_than_its_limit_and_says_whether_more_follow(
    store: Store,
) {
    for title in ["a", "b", "c", "d"] {
        add(&store, title).await;
    }
    for (offset, limit, length, has_next) in
        [(0, 3, 3, true), (0, 4, 4, false), (0, 5, 4, false), (1, 3, 3, false), (3, 1, 1, false)]
    {
        let start = Start::Offset(offset);
        let listing = list(&store, BookQuery { start, limit, ..every_book() }).await;
        ensure_eq!((listing.items.len(), listing.has_next), (length, has_next), "{limit}");
    }
}

pub(super) async fn a_page_past_the_end_is_empty(store: Store) {
    add(&store, "a").await;
    for offset in [1, 1000, i64::MAX.unsigned_abs()] {
        let listing =
            list(&store, BookQuery { start: Start::Offset(offset), ..every_book() }).await;
        ensure_eq!(listing.items, []);
        ensure!(!listing.has_next);
        ensure_eq!(listing.total, Some(Total { items: 1, exact: true }));
    }
}

pub(super) async fn totals_are_given_where_they_are_asked_for(store: Store) {
    ensure_eq!(list(&store, every_book()).await.total, Some(Total { items: 0, exact: true }));
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
        ensure_eq!(total, Some(Total { items, exact: true }));
        ensure_eq!(list(&store, BookQuery { count: false, ..query }).await.total, None);
    }
}

pub(super) async fn a_filtered_total_is_capped_and_a_whole_one_exact(store: Store) {
    store
        .at_once(64, |task| {
            let books = store.books.clone();
            async move {
                for number in (0..=COUNT_LIMIT).skip(task).step_by(64) {
                    let title = format!("Volume {number}");
                    let fields = BookFields { year: Some(year(1900)), ..book(&title, "A") };
                    books.add(fields, moment(0)).await.must();
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
    ensure_eq!(
        total(BookFilter::default()).await,
        Some(Total { items: COUNT_LIMIT + 1, exact: true })
    );
    for filter in &filters {
        let capped = Some(Total { items: COUNT_LIMIT, exact: false });
        ensure_eq!(total(filter.clone()).await, capped, "{filter:?}");
    }
    let first = list(&store, BookQuery { limit: 1, ..every_book() }).await.items[0].id;
    store.books.delete(first, Expected::Any, WhenShelved::Refuse).await.must();
    for filter in filters {
        let exact = Some(Total { items: COUNT_LIMIT, exact: true });
        ensure_eq!(total(filter).await, exact);
    }
}

pub(super) async fn the_total_of_all_books_follows_every_write(store: Store) {
    let total = async || list(&store, BookQuery { limit: 1, ..every_book() }).await.total.must();
    let numbered = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let first = store.books.add(numbered.clone(), moment(0)).await.must();
    ensure!(store.books.add(numbered.clone(), moment(0)).await.is_err());
    ensure_eq!(total().await.items, 1);
    let rows = [numbered, book("C", "D"), book("c", "d"), book("E", "F")].map(import_row).to_vec();
    let batch = |dry_run| {
        let (rows, on_conflict) = (rows.clone(), OnConflict::Update);
        ImportBatch { rows, on_conflict, dry_run, at: moment(1) }
    };
    store.books.import(batch(true)).await.must();
    ensure_eq!(total().await.items, 1);
    store.books.import(batch(false)).await.must();
    ensure_eq!(total().await.items, 3);
    store.books.delete(first.id, Expected::Any, WhenShelved::Refuse).await.must();
    ensure!(store.books.delete(first.id, Expected::Any, WhenShelved::Refuse).await.is_err());
    ensure_eq!(total().await.items, 2);
    store
        .at_once(20, |number| {
            let books = store.books.clone();
            async move {
                let added = books.add(book("G", &number.to_string()), moment(2)).await.must();
                if number % 2 == 0 {
                    books.delete(added.id, Expected::Any, WhenShelved::Refuse).await.must();
                }
            }
        })
        .await;
    ensure_eq!(total().await, Total { items: 12, exact: true });
}

pub(super) async fn a_page_anywhere_is_a_part_of_the_whole_list(store: Store) {
    let rows = (0..450).map(|number| {
        let year = (number % 4 != 0).then(|| year(number % 7));
        import_row(BookFields { year, ..book(&format!("T {}", number % 11), &number.to_string()) })
    });
    let (rows, on_conflict) = (rows.collect(), OnConflict::Skip);
    let batch = ImportBatch { rows, on_conflict, dry_run: false, at: moment(0) };
    store.books.import(batch).await.must();
    for sort in SORTS {
        for order in BOTH_ORDERS {
            let all = BookQuery { sort, order, ..every_book() };
            let expected = ids(&list(&store, all.clone()).await.items);
            for offset in [0, 1, 150, 220, 230, 300, 431, 449] {
                let query = BookQuery { start: Start::Offset(offset), limit: 20, ..all.clone() };
                let page = list(&store, query.clone()).await;
                let rest = &expected[usize::try_from(offset).must()..];
                ensure_eq!(ids(&page.items), rest[..rest.len().min(20)], "{query:?}");
                ensure_eq!(page.has_next, rest.len() > 20, "{query:?}");
                ensure_eq!(page.total.must().items, 450);
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
            ..book(title, titles[usize::try_from(number / 5).must()])
        };
        store.books.add(fields, moment(i64::from(number / 4))).await.must();
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
        ensure!(seen.len() < 1000, "the walk has no end: {query:?}");
        ensure_eq!(listing.items.len(), usize::try_from(query.limit).must());
        query.start = next(&query, &seen);
    }
}

fn by_offset(_: &BookQuery, seen: &[Book]) -> Start<Book> {
    Start::Offset(u64::try_from(seen.len()).must())
}

fn by_position(query: &BookQuery, seen: &[Book]) -> Start<Book> {
    Start::After(query.sort.position(&seen[seen.len() - 1]))
}

pub(super) async fn every_walk_gives_every_book_once(store: Store) {
    fill(&store).await;
    for sort in SORTS {
        for order in BOTH_ORDERS {
            let query = BookQuery { sort, order, ..every_book() };
            let expected = ids(&list(&store, query.clone()).await.items);
            ensure_eq!(expected.len(), 40);
            for limit in [1, 3, 7, 40] {
                let query = BookQuery { limit, ..query.clone() };
                ensure_eq!(walk(&store, query.clone(), by_offset).await, expected, "{query:?}");
                ensure_eq!(walk(&store, query.clone(), by_position).await, expected, "{query:?}");
            }
        }
    }
}

pub(super) async fn a_filtered_walk_gives_every_match_once(store: Store) {
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
            ensure!(!expected.is_empty(), "{query:?}");
            let query = BookQuery { limit: 2, ..query };
            ensure_eq!(walk(&store, query.clone(), by_offset).await, expected, "{query:?}");
            ensure_eq!(walk(&store, query.clone(), by_position).await, expected, "{query:?}");
        }
    }
}

pub(super) async fn a_position_holds_when_its_book_is_gone(store: Store) {
    for title in ["a", "b", "c", "d"] {
        add(&store, title).await;
    }
    for sort in SORTS {
        let query = BookQuery { sort, ..every_book() };
        let books = list(&store, query.clone()).await.items;
        let start = Start::After(sort.position(&books[1]));
        let rest = listed(&store, BookQuery { start: start.clone(), ..query.clone() }).await;
        store.books.delete(books[1].id, Expected::Any, WhenShelved::Refuse).await.must();
        ensure_eq!(listed(&store, BookQuery { start, ..query }).await, rest);
        add(&store, books[1].fields.title.as_str()).await;
    }
}

pub(super) async fn a_position_needs_no_book(store: Store) {
    for (title, its_year) in [("b", Some(-2)), ("d", Some(4)), ("f", None)] {
        let fields = BookFields { year: its_year.map(year), ..book(title, "A") };
        store.books.add(fields, moment(0)).await.must();
    }
    let from = async |sort, order, key, id| {
        let start = Start::After(Position { key, id: BookId::new(id) });
        listed(&store, BookQuery { sort, order, start, ..every_book() }).await
    };
    let text = SortKey::collated;
    use {BookSort::*, Order::*};
    ensure_eq!(from(Title, Ascending, text("c"), 0).await, ["d", "f"]);
    ensure_eq!(from(Title, Ascending, text("d"), 0).await, ["d", "f"]);
    ensure_eq!(from(Title, Ascending, text("d"), i64::MAX).await, ["f"]);
    ensure_eq!(from(Title, Descending, text("e"), 0).await, ["d", "b"]);
    ensure_eq!(from(Title, Descending, text("d"), 0).await, ["b"]);
    ensure_eq!(from(Year, Ascending, SortKey::Number(0), 0).await, ["d", "f"]);
    ensure_eq!(from(Year, Descending, SortKey::Number(0), 0).await, ["b", "f"]);
    ensure_eq!(from(Year, Ascending, SortKey::Missing, 0).await, ["f"]);
    ensure_eq!(from(Year, Descending, SortKey::Missing, i64::MAX).await, ["f"]);
    ensure!(from(Year, Ascending, SortKey::Missing, i64::MAX).await.is_empty());
    ensure!(from(Year, Descending, SortKey::Missing, 0).await.is_empty());
}

pub(super) async fn a_position_outside_of_the_filter_lets_nothing_else_in(store: Store) {
    for (title, its_year) in [("a", None), ("b", Some(1)), ("c", Some(5)), ("d", Some(9))] {
        let fields = BookFields { year: its_year.map(year), ..book(title, "A") };
        store.books.add(fields, moment(0)).await.must();
    }
    let from = async |order, key, id| {
        let filter = BookFilter { year_from: Some(4), year_to: Some(6), ..BookFilter::default() };
        let start = Start::After(Position { key, id: BookId::new(id) });
        listed(&store, BookQuery { filter, sort: BookSort::Year, order, start, ..every_book() })
            .await
    };
    for year in [-9, 0, 1, 4] {
        ensure_eq!(from(Order::Ascending, SortKey::Number(year), 0).await, ["c"], "{year}");
        ensure!(from(Order::Descending, SortKey::Number(year), 9).await.is_empty(), "{year}");
    }
    for year in [6, 9, 20] {
        ensure!(from(Order::Ascending, SortKey::Number(year), 0).await.is_empty(), "{year}");
        ensure_eq!(from(Order::Descending, SortKey::Number(year), 9).await, ["c"], "{year}");
    }
    for (order, id) in [(Order::Ascending, 0), (Order::Descending, i64::MAX)] {
        ensure!(from(order, SortKey::Missing, id).await.is_empty());
    }
}

pub(super) async fn a_walk_skips_and_repeats_nothing_while_others_write(store: Store) {
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
        ensure!(seen.len() < 1000, "a walk without an end");
        let last = &listing.items[listing.items.len() - 1];
        query.start = Start::After(query.sort.position(last));
        // One that was read goes, and one comes where the walk has been already.
        store.books.delete(last.id, Expected::Any, WhenShelved::Refuse).await.must();
        add(&store, &format!("0{number}")).await;
        number += 1;
    }
    let expected: Vec<_> = (10..40).map(|number| number.to_string()).collect();
    ensure_eq!(seen, expected);
}

pub(super) async fn the_whole_catalogue_is_read_by_id(store: Store) {
    fill(&store).await;
    let all = list(&store, every_book()).await.items;
    store.books.delete(all[10].id, Expected::Any, WhenShelved::Refuse).await.must();
    let mut expected = ids(&all);
    expected.remove(10);
    let (mut seen, mut after) = (Vec::new(), BookId::new(0));
    loop {
        let books = store.books.read_after(after, 6).await.must();
        ensure!(books.len() <= 6);
        let Some(last) = books.last() else { break };
        after = last.id;
        seen.extend(ids(&books));
        ensure!(seen.len() < 1000, "books without an end");
    }
    ensure_eq!(seen, expected);
}
