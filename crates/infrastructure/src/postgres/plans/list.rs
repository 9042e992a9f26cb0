use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};
use bookshelf_domain::{COUNT_LIMIT, Listing, SortKey, Start, StoreError};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::conditions::{Search, all_of, conditions};
use super::index_segments::{further, index_segments};
use super::walk::walk;
use crate::books::order::{Limits, key_of};
use crate::books::row::BookRow;
use crate::failure::Failure;
use crate::paging::{capped, clamp, direction, offset, one_more, page_of};
use crate::postgres::adapters::books::filter::BookCondition;
use crate::postgres::adapters::books::lists::{count_all, load_in_order, read_index_order};
use crate::postgres::dialect::unindexed;
use crate::schema::books;

/// Returns one page of books.
///
/// Rare and common matches need different plans. Few matches are gathered by the index of the
/// filter and sorted. Many are found by a walk along the index of the sort. PostgreSQL cannot
/// estimate how many books contain a substring, so this function chooses the plan.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    query: &BookQuery,
    limits: Limits,
) -> Result<Listing<BookRow>, Failure<StoreError>> {
    if query.filter == BookFilter::default() {
        let total = if query.count { Some(count_all(conn).await?) } else { None };
        let rows = read_index_order(conn, index_segments(query), query).await?;
        return Ok(page_of(rows, query.limit, total));
    }
    let known_up_to = if query.count { COUNT_LIMIT } else { limits.few };
    let matching = find(conn, &query.filter, known_up_to.saturating_add(1)).await?;
    let count = matching.len() as u64;
    let rows = if count <= limits.few {
        gather(conn, query, matching_ids(matching)).await?
    } else if let Some(ids) = walk(conn, query, limits.walk).await? {
        load_in_order(conn, &ids).await?
    } else if count <= known_up_to {
        gather(conn, query, matching_ids(matching)).await?
    } else {
        gather(conn, query, conditions(&query.filter, Search::Indexed)).await?
    };
    Ok(page_of(rows, query.limit, query.count.then(|| capped(count))))
}

/// Finds the ids of up to `limit` books that pass the filter, in any order.
async fn find(
    conn: &mut AsyncPgConnection,
    filter: &BookFilter,
    limit: u64,
) -> QueryResult<Vec<i64>> {
    let matching = all_of(books::table.into_boxed(), conditions(filter, Search::Indexed));
    matching.select(books::id).limit(clamp(limit)).load(conn).await
}

fn matching_ids(ids: Vec<i64>) -> Vec<BookCondition> {
    vec![Box::new(books::id.eq_any(ids))]
}

/// Finds the books that pass the conditions and sorts them, without the index of the sort.
async fn gather(
    conn: &mut AsyncPgConnection,
    query: &BookQuery,
    conditions: Vec<BookCondition>,
) -> QueryResult<Vec<BookRow>> {
    let mut books = all_of(books::table.into_boxed(), conditions);
    if let Start::After(position) = &query.start {
        let missing: BookCondition =
            Box::new(sql::<Bool>(&format!("{} IS NULL", key_of(query.sort))));
        let is_optional = query.sort.key_type().is_optional();
        books = books.filter(match further(query, position) {
            Some(further) if is_optional && position.key != SortKey::Missing => {
                Box::new(further.or(missing)) as BookCondition
            }
            Some(further) => further,
            None => Box::new(sql::<Bool>("FALSE")),
        });
    }
    let (key, (_, way)) = (key_of(query.sort), direction(query.order));
    // PostgreSQL has no index for these expressions, so it cannot read all books in the order of
    // the sort.
    let key = match query.sort {
        BookSort::Title | BookSort::Author => unindexed(key),
        BookSort::Year | BookSort::CreatedAt | BookSort::Rating => format!("{key} + 0"),
    };
    books
        .order(sql::<Text>(&format!("{key} {way} NULLS LAST, id {way}")))
        .limit(one_more(query.limit))
        .offset(offset(&query.start))
        .select(BookRow::as_select())
        .load(conn)
        .await
}
