//! No list reads or sorts the whole catalogue, however large it is.

use bookshelf_domain::books::{BookFilter, BookId, BookReader, BookSort, SearchWords};
use bookshelf_domain::{
    COUNT_LIMIT, CollationKey, Order, Position, SearchText, SortKey, Start, StoreError,
};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::super::candidates::{Candidates, Find};
use super::super::gather::Gather;
use super::super::index_segments::index_segments;
use super::super::walk::walk;
use super::Catalogue;
use crate::books::row::BookRow;
use crate::books::tests::{ORDERS, SORTS, page};
use crate::schema::books;
use crate::sqlite::tests::support::plan_of;

const BOOKS: u64 = 200_000;

#[tokio::test]
async fn every_plan_uses_an_index() {
    let catalogue = large_catalogue().await;
    let checked: Result<(), StoreError> = catalogue
        .sqlite
        .scan(async |conn| {
            walks_are_along_the_index_of_the_sort(conn).await;
            candidates_are_found_by_the_index_of_the_filter(conn).await;
            gathering_starts_from_the_candidates(conn).await;
            a_walk_ends_with_the_page_or_with_its_budget(conn);
            Ok(())
        })
        .await;
    checked.unwrap();
    totals_are_exact_up_to_the_limit(&catalogue).await;
}

async fn walks_are_along_the_index_of_the_sort(conn: &mut SqliteConnection) {
    for sort in SORTS {
        for order in ORDERS {
            let key = match sort {
                BookSort::Title | BookSort::Author => SortKey::collated("common"),
                BookSort::Year | BookSort::CreatedAt | BookSort::Rating => SortKey::Number(100),
            };
            for start in [
                Start::Offset(0),
                Start::After(Position { key, id: BookId::new(1000) }),
                Start::After(Position { key: SortKey::Missing, id: BookId::new(1000) }),
            ] {
                let range = BookFilter { year_from: Some(50), ..BookFilter::default() };
                for filter in [BookFilter::default(), range] {
                    let query = page(filter, sort, order, start.clone());
                    for segment in index_segments(&query) {
                        let plan = plan_of(conn, segment.select(BookRow::as_select())).await;
                        let [step] = plan.as_slice() else { panic!("one step: {plan:?}") };
                        assert!(step.contains(" USING INDEX books_"), "{sort:?} {start:?} {step}");
                        assert!(
                            step.starts_with("SEARCH") || matches!(start, Start::Offset(_)),
                            "{sort:?} {start:?} {step}"
                        );
                    }
                }
            }
        }
    }
}

async fn candidates_are_found_by_the_index_of_the_filter(conn: &mut SqliteConnection) {
    for filter in filters() {
        for candidates in Candidates::of(&filter) {
            let plan = plan_of(conn, Find { candidates: &candidates, limit: 10 }).await;
            assert!(plan.iter().all(|step| uses_index(step)), "{candidates:?} {plan:?}");
        }
    }
}

async fn gathering_starts_from_the_candidates(conn: &mut SqliteConnection) {
    for filter in filters() {
        for candidates in Candidates::of(&filter) {
            for sort in SORTS {
                let start = Start::After(Position { key: SortKey::Number(1), id: BookId::new(1) });
                let query = page(filter.clone(), sort, Order::Descending, start);
                let plan = plan_of(conn, Gather::page(&query, &candidates)).await;
                assert!(
                    plan.iter().any(|step| {
                        step.contains("SEARCH books USING INTEGER PRIMARY KEY (rowid=?)")
                    }),
                    "{plan:?}"
                );
                assert!(plan.iter().all(|step| uses_index(step)), "{candidates:?} {plan:?}");
            }
        }
    }
}

fn a_walk_ends_with_the_page_or_with_its_budget(conn: &mut SqliteConnection) {
    for sort in SORTS {
        for order in ORDERS {
            let query = |word| page(search(word), sort, order, Start::Offset(0));
            let common = walk(conn, &query("common"), 8).unwrap();
            assert_eq!(common.map(|ids| ids.len()), Some(8));
            assert_eq!(walk(conn, &query("rare"), 1_000).unwrap(), None);
        }
    }
}

async fn totals_are_exact_up_to_the_limit(catalogue: &Catalogue) {
    for (filter, items, exact) in [
        (BookFilter::default(), BOOKS, true),
        (search("common"), COUNT_LIMIT, false),
        (search("co"), COUNT_LIMIT, false),
        (search("rare"), 4, true),
        (search("龍"), 2, true),
        (search("mmo rare"), 4, true),
        (search("rar au co"), 4, true),
        (search("common au1"), COUNT_LIMIT, false),
        (BookFilter { year: Some(7), ..search("common") }, 1_000, true),
    ] {
        for sort in SORTS {
            let query = page(filter.clone(), sort, Order::Descending, Start::Offset(0));
            let listing = catalogue.books.list(query).await.unwrap();
            let total = listing.total.unwrap();
            assert_eq!((total.items, total.exact), (items, exact), "{filter:?}");
            assert_eq!(listing.items.len() as u64, items.min(7));
        }
    }
}

fn filters() -> Vec<BookFilter> {
    let some = |text: &str| Some(SearchText::new(text));
    let all = BookFilter {
        title: some("common"),
        author: some("au"),
        search: SearchWords::new("b"),
        genre: some("drama"),
        year_from: Some(3),
        isbn: bookshelf_domain::books::Isbn::parse("9780132350884").ok(),
        ..BookFilter::default()
    };
    let words =
        BookFilter { search: SearchWords::new("rare co"), author: some("author"), ..search("x") };
    vec![search("common"), search("co"), all, words]
}

fn search(word: &str) -> BookFilter {
    BookFilter { search: SearchWords::new(word), ..BookFilter::default() }
}

/// Whether a step that reads books uses an index.
fn uses_index(step: &str) -> bool {
    let reads_books = step.contains(" books") && !step.contains(" VIRTUAL TABLE INDEX ");
    !reads_books
        || step.contains("INDEX books_")
        || step.contains("sqlite_autoindex_books")
        || step.contains("USING INTEGER PRIMARY KEY (rowid=?)")
}

async fn large_catalogue() -> Catalogue {
    let catalogue = Catalogue::new();
    let keys = ["common", "common rare", "common 龍"].map(|title| {
        let key = CollationKey::new(title).into_bytes();
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("('{title}', x'{hex}')")
    });
    let keys = keys.join(", ");
    let fill = format!(
        "CREATE TEMP TABLE keys (title TEXT PRIMARY KEY, key BLOB);
         INSERT INTO keys VALUES {keys};
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {BOOKS})
         INSERT INTO books (title, title_folded, title_sort, author_sort, author, author_folded, genre_folded, year,
                            rating_hundredths, created_at, updated_at)
         SELECT title, title, key, CAST(char(1) || (i % 997) AS BLOB), 'au' || (i % 997), 'au' || (i % 997), iif(i % 2, 'drama', 'unknown'),
                iif(i % 10, i % 200, NULL), iif(i % 3, i % 400, NULL), i, i
         FROM (SELECT i, CASE WHEN i % 50000 = 0 THEN 'common rare'
                              WHEN i % 70000 = 0 THEN 'common 龍'
                              ELSE 'common' END AS title FROM n) JOIN keys USING (title)"
    );
    let filled: Result<(), StoreError> =
        catalogue.sqlite.write(async move |conn| Ok(conn.batch_execute(&fill)?)).await;
    filled.unwrap();
    let count: Result<i64, StoreError> =
        catalogue.sqlite.read(async |conn| Ok(books::table.count().get_result(conn)?)).await;
    assert_eq!(count.unwrap() as u64, BOOKS);
    catalogue
}
