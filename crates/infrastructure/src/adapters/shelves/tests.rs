//! Every statement reads only the entries of one user, and a page takes few statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::SearchWords;
use bookshelf_domain::shelves::{
    Rating, ReadingStatus, ShelfEntry, ShelfEntryId, ShelfFilter, ShelfQuery, ShelfSort,
};
use bookshelf_domain::{Order, Position, SortKey, Start, StoreError, Total};
use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::*;

use super::dialect::{Connection, Engine};
use super::list;
use super::support::{
    READS_MISSING_KEYS_BACKWARDS, fill, instrument, migrated, plan_of, sorts,
    starts_from_entries_of_user,
};
use crate::shelves::ShelfEntryRow;

/// Ten users with a thousand entries each, of ten thousand books; and what has to live as long.
async fn filled() -> Option<(Engine, impl Sized)> {
    let (engine, database) = migrated()?;
    let statements = "
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
        INSERT INTO books (title, title_folded, author, author_folded, genre_folded, created_at,
                           updated_at)
        SELECT 'T' || i, 't' || i, 'A' || i % 97, 'a' || i % 97, 'drama', i, i FROM n ORDER BY i;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
        INSERT INTO users (email, email_folded, role, password_hash, created_at, updated_at)
        SELECT i || '@a.b', i || '@a.b', 'user', '', i, i FROM n ORDER BY i;
        INSERT INTO shelf_entries (user_id, book_id, status, rating, finished_on, added_at,
                                   updated_at)
        SELECT id % 10 + 1, id, CASE WHEN id % 3 > 0 THEN 'read' ELSE 'reading' END,
               nullif(id / 10 % 6, 0), CASE WHEN id % 4 > 0 THEN id END, id, id
        FROM books;";
    let filled: Result<(), StoreError> =
        engine.write(async move |conn| Ok(fill(conn, statements).await?)).await;
    filled.unwrap();
    Some((engine, database))
}

fn query(
    sort: ShelfSort,
    order: Order,
    start: Start<ShelfEntry>,
    filter: ShelfFilter,
) -> ShelfQuery {
    ShelfQuery { user: UserId::new(3), filter, sort, order, start, limit: 20, count: true }
}

fn filters() -> [ShelfFilter; 4] {
    let all = ShelfFilter::default;
    [
        all(),
        ShelfFilter { status: Some(ReadingStatus::Read), ..all() },
        ShelfFilter { rating: Rating::new(5).ok(), ..all() },
        ShelfFilter { search: SearchWords::new("t 1"), ..all() },
    ]
}

#[tokio::test]
async fn a_page_with_its_books_and_its_total_takes_two_statements() {
    let Some((engine, _database)) = filled().await else { return };
    for filter in filters() {
        for count in [true, false] {
            let query = query(ShelfSort::Title, Order::Ascending, Start::Offset(0), filter.clone());
            let query = ShelfQuery { count, ..query };
            let (statements, items) = counted(&engine, query).await;
            assert_eq!((statements, items > 0), (1 + usize::from(count), true), "{filter:?}");
        }
    }
    let whole =
        query(ShelfSort::AddedAt, Order::Ascending, Start::Offset(0), ShelfFilter::default());
    assert_eq!(counted(&engine, whole).await, (2, 20));
}

/// How many statements a page takes, and how many entries it has.
async fn counted(engine: &Engine, query: ShelfQuery) -> (usize, usize) {
    let page: Result<_, StoreError> = engine
        .scan(async move |conn| {
            let statements = Arc::new(AtomicUsize::new(0));
            instrument(conn, Statements(statements.clone()));
            let page = list::page(conn, &query).await?;
            instrument(conn, None::<Statements>);
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
    let Some((engine, _database)) = filled().await else { return };
    let checked: Result<(), StoreError> = engine
        .scan(async |conn: &mut Connection| {
            for sort in [
                ShelfSort::AddedAt,
                ShelfSort::Title,
                ShelfSort::Author,
                ShelfSort::Rating,
                ShelfSort::FinishedOn,
            ] {
                for order in [Order::Ascending, Order::Descending] {
                    let key = match sort {
                        ShelfSort::Title | ShelfSort::Author => SortKey::collated("t5"),
                        _ => SortKey::Number(3),
                    };
                    let after = |key| Start::After(Position { key, id: ShelfEntryId::new(5_000) });
                    let mut starts = vec![Start::Offset(0), after(key)];
                    if matches!(sort, ShelfSort::Rating | ShelfSort::FinishedOn) {
                        starts.push(after(SortKey::Missing));
                    }
                    for start in starts {
                        for filter in filters() {
                            let query = query(sort, order, start.clone(), filter);
                            let page = list::entries(&query).select(ShelfEntryRow::as_select());
                            let plan = plan_of(conn, page).await;
                            assert!(starts_from_entries_of_user(&plan), "{query:?} {plan:#?}");
                        }
                    }
                }
            }
            Ok(())
        })
        .await;
    checked.unwrap();
}

#[tokio::test]
async fn totals_are_those_of_the_user() {
    let Some((engine, _database)) = filled().await else { return };
    let query = query(ShelfSort::Title, Order::Ascending, Start::Offset(0), filters()[2].clone());
    let query = ShelfQuery { limit: 1_000, ..query };
    let page: Result<_, StoreError> =
        engine.scan(async move |conn| Ok(list::page(conn, &query).await?)).await;
    let page = page.unwrap();
    assert_eq!(page.total, Some(Total { items: page.items.len() as u64, exact: true }));
}

#[tokio::test]
async fn a_page_by_a_key_of_the_entries_is_read_along_its_index() {
    let Some((engine, _database)) = filled().await else { return };
    let checked: Result<(), StoreError> = engine
        .scan(async |conn: &mut Connection| {
            for (sort, index, is_complete) in [
                (ShelfSort::AddedAt, "shelf_entries_added_at_idx", true),
                (ShelfSort::Rating, "shelf_entries_rating_idx", false),
                (ShelfSort::FinishedOn, "shelf_entries_finished_on_idx", false),
            ] {
                for order in [Order::Ascending, Order::Descending] {
                    if order == Order::Descending && !is_complete && !READS_MISSING_KEYS_BACKWARDS {
                        continue;
                    }
                    let query = query(sort, order, Start::Offset(0), ShelfFilter::default());
                    let page = list::entries(&query).select(ShelfEntryRow::as_select());
                    let plan = plan_of(conn, page).await;
                    let context = format!("{sort:?} {order:?} {plan:#?}");
                    assert!(context.contains(index) && !sorts(&plan), "{context}");
                }
            }
            Ok(())
        })
        .await;
    checked.unwrap();
}
