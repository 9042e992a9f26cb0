use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::conditions::{Books, Condition, Search, all_of, conditions};
use super::legs::{legs, offset};
use crate::paging::clamp;

/// Walks along the sort's index and tests every book, until the page and one more are found. Returns
/// their ids, or nothing when they are not among the first `budget` books of the first leg: where
/// that was cut off, what it still has comes before the next.
pub(super) async fn walk(
    conn: &mut AsyncPgConnection,
    query: &BookQuery,
    budget: u64,
) -> QueryResult<Option<Vec<i64>>> {
    let Some(leg) = legs(query).into_iter().next() else { return Ok(None) };
    let limit = i64::from(query.limit) + 1;
    let offset = offset(query);
    // What is skipped has to be walked over too.
    let budget = clamp(budget.saturating_add(offset.unsigned_abs().saturating_mul(4)));
    let leg = within(leg, query, budget);
    let tests = conditions(&query.filter, Search::Tested);
    let found: Vec<i64> = Walk { leg, tests, limit, offset }.load(conn).await?;
    Ok((found.len() as i64 == limit).then_some(found))
}

/// The first books of a leg. Where the index of the sort leads to what the filter wants, the rest is
/// not walked over.
fn within(leg: Books, query: &BookQuery, budget: i64) -> Books {
    let BookFilter { year, year_from, year_to, .. } = query.filter;
    let years = BookFilter { year, year_from, year_to, ..BookFilter::default() };
    let leg = match query.sort {
        BookSort::Year => all_of(leg, conditions(&years, Search::Tested)),
        _ => leg,
    };
    leg.limit(budget)
}

/// The ids of the books of a leg that pass the tests, in its order.
struct Walk {
    leg: Books,
    tests: Vec<Condition>,
    limit: i64,
    offset: i64,
}

impl QueryFragment<Pg> for Walk {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Its conditions and order are texts that make more different statements than are worth
        // keeping.
        out.unsafe_to_cache_prepared();
        out.push_sql("SELECT id FROM (");
        QueryFragment::<Pg>::walk_ast(&self.leg, out.reborrow())?;
        // Nothing can be tested before the books are counted off, nor out of their order.
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
