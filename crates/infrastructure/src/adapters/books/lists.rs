//! The parts that the plans of both databases have in common.

use std::collections::HashMap;

use bookshelf_domain::Total;
use bookshelf_domain::books::BookQuery;
use diesel::prelude::*;

use super::dialect::{Connection, RunQueryDsl};
use super::filter::Books;
use crate::books::row::BookRow;
use crate::paging::{offset, one_more};
use crate::schema::books;

/// The total of a list without a filter.
pub(crate) async fn count_all(conn: &mut Connection) -> QueryResult<Total> {
    let count: i64 = books::table.count().get_result(conn).await?;
    Ok(Total { items: count.unsigned_abs(), exact: true })
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
