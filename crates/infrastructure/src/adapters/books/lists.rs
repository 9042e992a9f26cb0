//! The parts that the plans of both databases have in common.

use std::collections::HashMap;

use bookshelf_domain::Total;
use bookshelf_domain::books::BookQuery;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::dialect::{Connection, RunQueryDsl};
use super::filter::Books;
use crate::books::row::BookRow;
use crate::paging::{clamp, offset, one_more};
use crate::schema::{book_counts, books};
use crate::sql::sql;

/// The number of all books. The database keeps it, because counting would read a whole index.
pub(crate) async fn count_all(conn: &mut Connection) -> QueryResult<Total> {
    let count = book_counts::table.select(sql::<BigInt>("CAST(sum(books) AS BIGINT)"));
    let count: i64 = count.get_result(conn).await?;
    Ok(Total { items: count.unsigned_abs(), exact: true })
}

/// Whether the page begins behind the last book of the catalogue. Such a page is answered without
/// looking for its first row, which would read all matches.
pub(crate) async fn is_past_end(conn: &mut Connection, query: &BookQuery) -> QueryResult<bool> {
    let offset = offset(&query.start);
    Ok(offset > 0 && offset.unsigned_abs() >= count_all(conn).await?.items)
}

/// The rows of a page that skips many rows of a whole list, and one more. It skips them from the nearer
/// end of the list, and reads only the index while it skips.
pub(crate) async fn read_far_page(
    conn: &mut Connection,
    query: &BookQuery,
    total: u64,
    forwards: Books,
    backwards: Books,
) -> QueryResult<Vec<BookRow>> {
    let skipped = offset(&query.start);
    let left = clamp(total).saturating_sub(skipped);
    if left <= 0 {
        return Ok(Vec::new());
    }
    let wanted = one_more(query.limit).min(left);
    let ids: Vec<i64> = if skipped <= left {
        forwards.select(books::id).limit(wanted).offset(skipped).load(conn).await?
    } else {
        let page = backwards.select(books::id).limit(wanted).offset(left - wanted);
        let mut ids: Vec<i64> = page.load(conn).await?;
        ids.reverse();
        ids
    };
    load_in_order(conn, &ids).await
}

/// The rows of a page, and one more, as the index of the sort has them: `segments` are queries along
/// that index, which follow one another.
pub(crate) async fn read_index_order(
    conn: &mut Connection,
    segments: Vec<Books>,
    query: &BookQuery,
) -> QueryResult<Vec<BookRow>> {
    let mut missing = one_more(query.limit);
    let mut rows = Vec::new();
    for segment in segments {
        let segment = segment.limit(missing).offset(offset(&query.start));
        let page = segment.select(BookRow::as_select()).load(conn).await?;
        missing -= page.len() as i64;
        rows.extend(page);
        if missing <= 0 {
            break;
        }
    }
    Ok(rows)
}

/// The books with these ids, in the order of the ids.
pub(crate) async fn load_in_order(conn: &mut Connection, ids: &[i64]) -> QueryResult<Vec<BookRow>> {
    let found = books::table.filter(books::id.eq_any(ids)).select(BookRow::as_select());
    let rows: Vec<BookRow> = found.load(conn).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}
