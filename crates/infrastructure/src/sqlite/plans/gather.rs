use bookshelf_domain::books::{BookFilter, BookQuery};
use bookshelf_domain::{Position, SortKey, Start};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;

use super::candidates::Candidates;
use crate::books::order::key_of;
use crate::paging::{clamp, direction, offset, one_more};
use crate::sql::sql;
use crate::sqlite::adapters::books::filter::{BookCondition, compare, conditions};
use crate::sqlite::adapters::conditions::contains;

/// A query for the ids of the candidates that pass the conditions.
pub(super) struct Gather<'a> {
    candidates: &'a Candidates,
    conditions: Vec<BookCondition>,
    order: Option<String>,
    limit: i64,
    offset: i64,
}

impl<'a> Gather<'a> {
    /// Finds at most `limit` books that pass the filter, in any order.
    pub(super) fn some(filter: &BookFilter, candidates: &'a Candidates, limit: u64) -> Self {
        let conditions = conditions(filter, &contains);
        Self { candidates, conditions, order: None, limit: clamp(limit), offset: 0 }
    }

    /// Finds a page, and one book more.
    pub(super) fn page(query: &BookQuery, candidates: &'a Candidates) -> Self {
        let key = key_of(query.sort);
        let (further, way) = direction(query.order);
        let mut conditions = conditions(&query.filter, &contains);
        if let Start::After(Position { key: at, id }) = &query.start {
            let missing: BookCondition = Box::new(sql(format!("{key} IS NULL")));
            let beyond = compare("id", further, &SortKey::Number(id.get()));
            conditions.push(if *at == SortKey::Missing {
                Box::new(missing.and(beyond))
            } else {
                let equal = compare(key, "=", at).and(beyond);
                Box::new(compare(key, further, at).or(equal).or(missing))
            });
        }
        Self {
            candidates,
            conditions,
            order: Some(format!("{key} {way} NULLS LAST, id {way}")),
            limit: one_more(query.limit),
            offset: offset(&query.start),
        }
    }
}

impl QueryFragment<Sqlite> for Gather<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // There are too many different conditions and orders to cache a statement for each.
        out.unsafe_to_cache_prepared();
        // SQLite does not reorder a cross join, so it starts from the candidates and looks up their
        // books.
        out.push_sql("SELECT id FROM (");
        self.candidates.walk_ast(out.reborrow())?;
        out.push_sql(") CROSS JOIN books ON id = candidate WHERE TRUE");
        for condition in &self.conditions {
            out.push_sql(" AND (");
            condition.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        if let Some(order) = &self.order {
            out.push_sql(" ORDER BY ");
            out.push_sql(order);
        }
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.offset)
    }
}

impl QueryId for Gather<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Gather<'_> {
    type SqlType = BigInt;
}

impl diesel::RunQueryDsl<SqliteConnection> for Gather<'_> {}
