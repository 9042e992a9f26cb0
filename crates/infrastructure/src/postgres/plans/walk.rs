use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::conditions::{all_of, tests};
use super::index_segments::index_segments;
use crate::paging::{clamp, offset, one_more};
use crate::postgres::adapters::books::filter::{BookCondition, Books};

/// Walks along the index of the sort and tests every book, until it has the page and one more.
/// Returns their ids, or `None` if they are not among the first `budget` books of the first
/// segment. The next segment cannot supply the rest, because the untested books come before it.
pub(super) async fn walk(
    conn: &mut AsyncPgConnection,
    query: &BookQuery,
    budget: u64,
) -> QueryResult<Option<Vec<i64>>> {
    let Some(segment) = index_segments(query).into_iter().next() else { return Ok(None) };
    let limit = one_more(query.limit);
    let offset = offset(&query.start);
    let segment = within(segment, query, clamp(budget));
    let tests = tests(&query.filter);
    let found: Vec<i64> = Walk { segment, tests, limit, offset }.load(conn).await?;
    Ok((found.len() as i64 == limit).then_some(found))
}

/// The first books of a segment. A filter by years narrows the walk if the sort is by year.
fn within(segment: Books, query: &BookQuery, budget: i64) -> Books {
    let BookFilter { year, year_from, year_to, .. } = query.filter;
    let years = BookFilter { year, year_from, year_to, ..BookFilter::default() };
    let segment = match query.sort {
        BookSort::Year => all_of(segment, tests(&years)),
        _ => segment,
    };
    segment.limit(budget)
}

/// A query for the ids of the books of a segment that pass the tests, in the order of the segment.
struct Walk {
    segment: Books,
    tests: Vec<BookCondition>,
    limit: i64,
    offset: i64,
}

impl QueryFragment<Pg> for Walk {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // There are too many different conditions and orders to cache a statement for each.
        out.unsafe_to_cache_prepared();
        out.push_sql("SELECT id FROM (");
        QueryFragment::<Pg>::walk_ast(&self.segment, out.reborrow())?;
        // The inner LIMIT makes PostgreSQL take the books in order before it tests them.
        out.push_sql(") AS walked WHERE TRUE");
        for test in &self.tests {
            out.push_sql(" AND (");
            test.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.offset)
    }
}

impl QueryId for Walk {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Walk {
    type SqlType = BigInt;
}
