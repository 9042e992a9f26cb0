use bookshelf_domain::books::{BookFilter, BookQuery};
use bookshelf_domain::{COUNT_LIMIT, Listing, StoreError};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::counted_rows::{CountedRow, split};
use super::matches::Matches;
use super::walk::walk;
use super::whole_list;
use crate::books::order::Limits;
use crate::books::row::BookRow;
use crate::failure::Failure;
use crate::paging::{capped, page_of};
use crate::postgres::Postgres;
use crate::postgres::adapters::books::lists::{is_past_end, load_in_order};

/// At a million books, gathering this many matches costs about as much as walking to twenty of them.
const LIMITS: Limits = Limits { few: 5_000, walk: 20_000 };

/// Returns one page of books.
///
/// Rare and common matches need different plans. Few matches are gathered by the index of the filter
/// and sorted, in one statement. If there are many, a walk along the index of the sort soon finds a
/// page. PostgreSQL cannot estimate how many books contain a text, so this function chooses the plan.
pub(crate) async fn list(
    engine: &Postgres,
    query: BookQuery,
    limits: Option<Limits>,
) -> Result<Listing<BookRow>, StoreError> {
    let limits = limits.unwrap_or(LIMITS);
    if query.filter == BookFilter::default() {
        return whole_list::list(engine, query).await;
    }
    let limit = query.limit;
    let known_up_to = if query.count { COUNT_LIMIT } else { limits.few };
    let few = limits.few.min(known_up_to);
    let first = query.clone();
    let found = engine.query::<Vec<CountedRow>, StoreError>(async move |conn| {
        Ok(Matches::of(&first, known_up_to.saturating_add(1), few).load(conn).await?)
    });
    let (count, rows) = split(found.await?);
    let total = query.count.then(|| capped(count));
    if count <= few {
        return Ok(page_of(rows, limit, total));
    }
    let read = engine.scan::<_, StoreError>(async move |conn| {
        many_matches(conn, &query, count <= known_up_to, limits).await
    });
    Ok(page_of(read.await?, limit, total))
}

/// The rows of a page, and one more, of a filter that many books pass.
async fn many_matches(
    conn: &mut AsyncPgConnection,
    query: &BookQuery,
    is_counted: bool,
    limits: Limits,
) -> Result<Vec<BookRow>, Failure<StoreError>> {
    if !is_counted && is_past_end(conn, query).await? {
        return Ok(Vec::new());
    }
    if let Some(ids) = walk(conn, query, limits.walk).await? {
        return Ok(load_in_order(conn, &ids).await?);
    }
    let rows: Vec<CountedRow> = Matches::of(query, u64::MAX, u64::MAX).load(conn).await?;
    Ok(split(rows).1)
}
