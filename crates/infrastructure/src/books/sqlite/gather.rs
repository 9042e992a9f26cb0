use std::collections::HashMap;

use bookshelf_domain::books::{BookFilter, BookQuery};
use bookshelf_domain::{Folded, Position, SortKey, Start};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::Sqlite;

use super::candidates::Candidates;
use super::walk::{Condition, compare};
use crate::books::order::{key_of, years};
use crate::books::row::BookRow;
use crate::paging::{clamp, direction};
use crate::schema::books;

/// The ids of the candidates that pass the conditions.
pub(super) struct Gather<'a> {
    candidates: &'a Candidates,
    conditions: Vec<Condition>,
    order: Option<String>,
    limit: i64,
    offset: i64,
}

impl<'a> Gather<'a> {
    /// At most `limit` books that pass the filter, in no order.
    pub(super) fn some(filter: &BookFilter, candidates: &'a Candidates, limit: u64) -> Self {
        let conditions = conditions(filter);
        Self { candidates, conditions, order: None, limit: clamp(limit), offset: 0 }
    }

    /// A page, and one book more.
    pub(super) fn page(query: &BookQuery, candidates: &'a Candidates) -> Self {
        let key = key_of(query.sort);
        let (further, way) = direction(query.order);
        let mut conditions = conditions(&query.filter);
        let mut offset = 0;
        match &query.start {
            Start::Offset(skipped) => offset = clamp(*skipped),
            Start::After(Position { key: at, id }) => {
                let missing: Condition = Box::new(sql::<Bool>(&format!("{key} IS NULL")));
                let beyond = compare("id", further, &SortKey::Number(*id));
                conditions.push(if *at == SortKey::Missing {
                    Box::new(missing.and(beyond))
                } else {
                    let equal = compare(key, "=", at).and(beyond);
                    Box::new(compare(key, further, at).or(equal).or(missing))
                });
            }
        }
        Self {
            candidates,
            conditions,
            order: Some(format!("{key} {way} NULLS LAST, id {way}")),
            limit: i64::from(query.limit) + 1,
            offset,
        }
    }
}

impl QueryFragment<Sqlite> for Gather<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // Its conditions and order are texts that make more different statements than are worth
        // keeping.
        out.unsafe_to_cache_prepared();
        // A cross join is one that SQLite does not turn round: from the candidates to the books.
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

impl RunQueryDsl<SqliteConnection> for Gather<'_> {}

fn conditions(filter: &BookFilter) -> Vec<Condition> {
    let equal = |column: &str, text: &str| compare(column, "=", &SortKey::Text(text.to_owned()));
    let mut all = Vec::new();
    all.extend(filter.title.as_ref().map(|title| contains("title_folded", title)));
    all.extend(filter.author.as_ref().map(|author| contains("author_folded", author)));
    all.extend(filter.search.as_ref().map(|part| -> Condition {
        Box::new(contains("title_folded", part).or(contains("author_folded", part)))
    }));
    all.extend(filter.genre.as_ref().map(|genre| equal("genre_folded", genre.as_str())));
    all.extend(filter.isbn.as_ref().map(|isbn| equal("isbn", isbn.as_str())));
    if let Some((from, to)) = years(filter) {
        all.push(compare("year", ">=", &SortKey::Number(from)));
        all.push(compare("year", "<=", &SortKey::Number(to)));
    }
    all
}

/// Whether the column has the pattern somewhere.
fn contains(column: &str, pattern: &Folded) -> Condition {
    let place = sql::<Bool>(&format!("instr({column}, "));
    Box::new(place.bind::<Text, _>(pattern.as_str().to_owned()).sql(") > 0"))
}

/// The books with these ids, in their order.
pub(super) fn in_order(conn: &mut SqliteConnection, ids: &[i64]) -> QueryResult<Vec<BookRow>> {
    let rows: Vec<BookRow> =
        books::table.filter(books::id.eq_any(ids)).select(BookRow::as_select()).load(conn)?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}
