//! No statement leaves the entries of one user, and a page takes few of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bookshelf_domain::shelves::{Rating, ReadingStatus, ShelfFilter, ShelfQuery, ShelfSort};
use bookshelf_domain::{Folded, Order, Position, SortKey, Start, StoreError, Total};
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::Text;
use diesel::{debug_query, sql_query};
use tempfile::TempDir;

use super::list;
use crate::shelves::rows::ShelfEntryRow;
use crate::sqlite::{Sqlite, SqliteConfig};

const SORTS: [(ShelfSort, &str); 5] = [
    (ShelfSort::AddedAt, "shelf_entries_added_at_idx"),
    (ShelfSort::Title, "shelf_entries_"),
    (ShelfSort::Author, "shelf_entries_"),
    (ShelfSort::Rating, "shelf_entries_rating_idx"),
    (ShelfSort::FinishedOn, "shelf_entries_finished_on_idx"),
];

/// Ten users with a hundred entries each, among ten thousand books.
async fn shelves() -> (Sqlite, TempDir) {
    let folder = TempDir::new().unwrap();
    let sqlite = Sqlite::open(SqliteConfig::new(folder.path().join("books.db"))).unwrap();
    sqlite.migrate().unwrap();
    let fill = "
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
        INSERT INTO books (title, title_folded, author, author_folded, genre_folded, created_at,
                           updated_at)
        SELECT 'T' || i, 't' || i, 'A' || i % 97, 'a' || i % 97, 'drama', i, i FROM n;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
        INSERT INTO users (email, email_folded, role, password_hash, created_at, updated_at)
        SELECT i || '@a.b', i || '@a.b', 'user', '', i, i FROM n;
        INSERT INTO shelf_entries (user_id, book_id, status, rating, finished_on, added_at,
                                   updated_at)
        SELECT id % 10 + 1, id, iif(id % 3, 'read', 'reading'), nullif(id / 10 % 6, 0),
               iif(id % 4, id, NULL), id, id
        FROM books WHERE id <= 1000;";
    let filled: Result<(), StoreError> =
        sqlite.write(move |conn| Ok(conn.batch_execute(fill)?)).await;
    filled.unwrap();
    (sqlite, folder)
}

fn query(sort: ShelfSort, order: Order, start: Start, filter: ShelfFilter) -> ShelfQuery {
    ShelfQuery { user: 3, filter, sort, order, start, limit: 20, count: true }
}

fn filters() -> [ShelfFilter; 4] {
    let all = ShelfFilter::default;
    [
        all(),
        ShelfFilter { status: Some(ReadingStatus::Read), ..all() },
        ShelfFilter { rating: Rating::new(5).ok(), ..all() },
        ShelfFilter { search: Some(Folded::new("t")), ..all() },
    ]
}

#[tokio::test]
async fn a_page_with_its_books_and_its_total_takes_two_statements() {
    let (sqlite, _folder) = shelves().await;
    for filter in filters() {
        for count in [true, false] {
            let query = query(ShelfSort::Title, Order::Ascending, Start::Offset(0), filter.clone());
            let query = ShelfQuery { count, ..query };
            let (statements, items) = counted(&sqlite, query).await;
            assert_eq!((statements, items > 0), (1 + usize::from(count), true), "{filter:?}");
        }
    }
    let whole =
        query(ShelfSort::AddedAt, Order::Ascending, Start::Offset(0), ShelfFilter::default());
    assert_eq!(counted(&sqlite, whole).await, (2, 20));
}

/// How many statements a page takes, and how many entries it has.
async fn counted(sqlite: &Sqlite, query: ShelfQuery) -> (usize, usize) {
    let page: Result<_, StoreError> = sqlite
        .scan(move |conn| {
            let statements = Arc::new(AtomicUsize::new(0));
            conn.set_instrumentation(Statements(statements.clone()));
            let page = list::page(conn, &query)?;
            conn.set_instrumentation(None::<Statements>);
            Ok((statements.load(Ordering::Relaxed), page.items.len()))
        })
        .await;
    page.unwrap()
}

struct Statements(Arc<AtomicUsize>);

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { .. } = event {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn every_plan_starts_from_the_entries_of_the_user() {
    let (sqlite, _folder) = shelves().await;
    let checked: Result<(), StoreError> = sqlite
        .scan(|conn| {
            for (sort, index) in SORTS {
                for order in [Order::Ascending, Order::Descending] {
                    let key = match sort {
                        ShelfSort::Title | ShelfSort::Author => SortKey::Text("t5".into()),
                        _ => SortKey::Number(3),
                    };
                    let after = |key| Start::After(Position { key, id: 500 });
                    for start in [Start::Offset(0), after(key), after(SortKey::Missing)] {
                        for filter in filters() {
                            let is_plain = filter == ShelfFilter::default();
                            check_plan(
                                conn,
                                &query(sort, order, start.clone(), filter),
                                is_plain.then_some(index),
                            );
                        }
                    }
                }
            }
            Ok(())
        })
        .await;
    checked.unwrap();
}

fn check_plan(conn: &mut SqliteConnection, query: &ShelfQuery, index: Option<&str>) {
    let plan = plan_of(conn, list::page_of(query).select(ShelfEntryRow::as_select()));
    let told = format!("{query:?} {plan:?}");
    assert!(plan[0].starts_with("SEARCH shelf_entries USING INDEX shelf_entries_"), "{told}");
    assert!(plan[0].contains("(user_id=?"), "{told}");
    assert!(plan[1].starts_with("SEARCH books USING INTEGER PRIMARY KEY"), "{told}");
    if let (Some(index), Start::Offset(_)) = (index, &query.start) {
        assert!(plan[0].contains(index), "{told}");
        let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        assert_eq!(sorts, matches!(query.sort, ShelfSort::Title | ShelfSort::Author), "{told}");
    }
}

fn plan_of<'a, Q>(conn: &mut SqliteConnection, query: Q) -> Vec<String>
where
    Q: QueryFragment<diesel::sqlite::Sqlite> + 'a,
{
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let text = debug_query::<diesel::sqlite::Sqlite, _>(&query).to_string();
    let (sql, _) = text.split_once(" -- binds").unwrap();
    let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

#[tokio::test]
async fn totals_are_those_of_the_user() {
    let (sqlite, _folder) = shelves().await;
    let query = query(ShelfSort::Title, Order::Ascending, Start::Offset(0), filters()[2].clone());
    let page: Result<_, StoreError> = sqlite.scan(move |conn| Ok(list::page(conn, &query)?)).await;
    let page = page.unwrap();
    assert_eq!(page.total, Some(Total { items: page.items.len() as u64, exact: true }));
}
