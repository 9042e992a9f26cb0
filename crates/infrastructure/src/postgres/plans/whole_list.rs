use bookshelf_domain::books::BookQuery;
use bookshelf_domain::{Listing, StoreError, Total};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel_async::RunQueryDsl;

use super::counted_rows::{BookRows, CountedRow, CountedRowType, split};
use super::index_segments::{backwards, forwards, index_segments};
use crate::books::row::BookRow;
use crate::paging::{offset, one_more, page_of};
use crate::postgres::Postgres;
use crate::postgres::adapters::books::lists::{count_all, read_far_page, read_index_order};
use crate::schema::books;

/// A page that skips more rows than this does not share a connection with point reads, which would
/// have to wait for it.
const FAR: i64 = 200;

/// Returns one page of all books. Nearly every page takes one statement.
pub(super) async fn list(
    engine: &Postgres,
    query: BookQuery,
) -> Result<Listing<BookRow>, StoreError> {
    let (limit, counted) = (query.limit, query.count);
    let skipped = offset(&query.start);
    if skipped <= FAR && index_segments(&query).len() == 1 {
        let found = engine.read::<Vec<CountedRow>, StoreError>(async move |conn| {
            Ok(Page::of(&query).load(conn).await?)
        });
        let (total, rows) = split(found.await?);
        let total = counted.then_some(Total { items: total, exact: true });
        return Ok(page_of(rows, limit, total));
    }
    let read = engine.scan::<_, StoreError>(async move |conn| {
        if skipped > FAR {
            let total = count_all(conn).await?;
            let (forwards, backwards) = (forwards(&query), backwards(&query));
            let rows = read_far_page(conn, &query, total.items, forwards, backwards).await?;
            return Ok(page_of(rows, limit, counted.then_some(total)));
        }
        let total = if counted { Some(count_all(conn).await?) } else { None };
        let rows = read_index_order(conn, index_segments(&query), &query).await?;
        Ok(page_of(rows, limit, total))
    });
    read.await
}

/// A query for the number of all books, beside each row of a page and one more.
struct Page {
    rows: BookRows,
}

impl Page {
    /// The page of a list that has one segment.
    fn of(query: &BookQuery) -> Self {
        let segment = index_segments(query).into_iter().next();
        let books = segment.unwrap_or_else(|| books::table.into_boxed());
        let page = books.limit(one_more(query.limit)).offset(offset(&query.start));
        Self { rows: page.select(BookRow::as_select()) }
    }
}

impl QueryFragment<Pg> for Page {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT total, page.* FROM (SELECT CAST(sum(books) AS BIGINT) AS total FROM \
             book_counts) AS counted LEFT JOIN (",
        );
        QueryFragment::<Pg>::walk_ast(&self.rows, out.reborrow())?;
        out.push_sql(") AS page ON TRUE");
        Ok(())
    }
}

impl QueryId for Page {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Page {
    type SqlType = CountedRowType;
}
