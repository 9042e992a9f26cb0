use std::collections::HashMap;

use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};
use bookshelf_domain::{COUNT_LIMIT, Listing, SortKey, Start, StoreError, Total};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::conditions::{Condition, Search, all_of, conditions};
use super::legs::{further, legs, offset};
use super::walk::walk;
use crate::books::order::{Limits, can_miss, key_of};
use crate::books::row::BookRow;
use crate::failure::Failure;
use crate::paging::{capped, clamp, direction};
use crate::schema::books;

/// One page of books.
///
/// One plan never serves both rare and common matches: few are gathered by the index of the filter
/// and sorted, and when there are many, the index of the sort is walked. PostgreSQL cannot know
/// beforehand how many there are of a substring, so it is not left to choose.
pub(super) async fn list(
    conn: &mut AsyncPgConnection,
    query: &BookQuery,
    limits: Limits,
) -> Result<Listing<BookRow>, Failure<StoreError>> {
    if query.filter == BookFilter::default() {
        let total = if query.count { Some(count_all(conn).await?) } else { None };
        let rows = straight(conn, query).await?;
        return Ok(listing(rows, query, total));
    }
    let known_up_to = if query.count { COUNT_LIMIT } else { limits.few };
    let matching = find(conn, &query.filter, known_up_to.saturating_add(1)).await?;
    let count = matching.len() as u64;
    let rows = if count <= limits.few {
        gather(conn, query, matching_ids(matching)).await?
    } else if let Some(ids) = walk(conn, query, limits.walk).await? {
        in_order(conn, &ids).await?
    } else if count <= known_up_to {
        gather(conn, query, matching_ids(matching)).await?
    } else {
        gather(conn, query, conditions(&query.filter, Search::Indexed)).await?
    };
    Ok(listing(rows, query, query.count.then(|| capped(count))))
}

fn listing(mut rows: Vec<BookRow>, query: &BookQuery, total: Option<Total>) -> Listing<BookRow> {
    let limit = query.limit as usize;
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    Listing { items: rows, has_next, total }
}

async fn count_all(conn: &mut AsyncPgConnection) -> QueryResult<Total> {
    let count: i64 = books::table.count().get_result(conn).await?;
    Ok(Total { items: count.unsigned_abs(), exact: true })
}

/// The ids of at most so many books that pass the filter, in no order.
async fn find(
    conn: &mut AsyncPgConnection,
    filter: &BookFilter,
    limit: u64,
) -> QueryResult<Vec<i64>> {
    let matching = all_of(books::table.into_boxed(), conditions(filter, Search::Indexed));
    matching.select(books::id).limit(clamp(limit)).load(conn).await
}

fn matching_ids(ids: Vec<i64>) -> Vec<Condition> {
    vec![Box::new(books::id.eq_any(ids))]
}

/// A page of the books that pass the conditions, sorted without the index of the sort.
async fn gather(
    conn: &mut AsyncPgConnection,
    query: &BookQuery,
    conditions: Vec<Condition>,
) -> QueryResult<Vec<BookRow>> {
    let mut books = all_of(books::table.into_boxed(), conditions);
    if let Start::After(position) = &query.start {
        let missing: Condition = Box::new(sql::<Bool>(&format!("{} IS NULL", key_of(query.sort))));
        books = books.filter(match (further(query, position), can_miss(query.sort)) {
            (Some(further), true) if position.key != SortKey::Missing => {
                Box::new(further.or(missing)) as Condition
            }
            (Some(further), _) => further,
            (None, _) => Box::new(sql::<Bool>("FALSE")),
        });
    }
    let (key, (_, way)) = (key_of(query.sort), direction(query.order));
    // An expression is no key of an index.
    let key = match query.sort {
        BookSort::Title | BookSort::Author => format!("{key} || ''"),
        BookSort::Year | BookSort::CreatedAt | BookSort::Rating => format!("{key} + 0"),
    };
    books
        .order(sql::<Text>(&format!("{key} {way} NULLS LAST, id {way}")))
        .limit(i64::from(query.limit) + 1)
        .offset(offset(query))
        .select(BookRow::as_select())
        .load(conn)
        .await
}

/// A page that stands on the index of the sort as it is.
async fn straight(conn: &mut AsyncPgConnection, query: &BookQuery) -> QueryResult<Vec<BookRow>> {
    let mut missing = i64::from(query.limit) + 1;
    let mut rows = Vec::new();
    for leg in legs(query) {
        let leg = leg.limit(missing).offset(offset(query));
        let page = leg.select(BookRow::as_select()).load(conn).await?;
        missing -= page.len() as i64;
        rows.extend(page);
        if missing <= 0 {
            break;
        }
    }
    Ok(rows)
}

/// The books with these ids, in their order.
async fn in_order(conn: &mut AsyncPgConnection, ids: &[i64]) -> QueryResult<Vec<BookRow>> {
    let found = books::table.filter(books::id.eq_any(ids)).select(BookRow::as_select());
    let rows: Vec<BookRow> = found.load(conn).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}
