use bookshelf_domain::books::{Book, BookQuery};
use bookshelf_domain::{Position, SortKey, Start};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text};

use super::conditions::{by_index, tests};
use super::counted_rows::{BookRows, CountedRowType};
use super::index_segments::further;
use crate::books::order::key_of;
use crate::books::row::BookRow;
use crate::paging::{clamp, direction, offset, one_more};
use crate::postgres::adapters::books::filter::BookCondition;
use crate::schema::books;
use crate::sql::sql;

/// A query for the number of books that pass the filter, beside each row of a page and one more.
///
/// It looks for at most `most` matches. It sorts them only if there are at most `few`; otherwise it has
/// no rows.
///
/// A text that many books have is found sooner by testing one book after the other than by the index,
/// which reads all entries of a trigram before it returns the first book. PostgreSQL cannot estimate how
/// many books have a text. So the query tests a sample first. The sample is spread evenly over the
/// catalogue, so nobody can distort it with a few books of their own.
pub(super) struct Matches<'q> {
    query: &'q BookQuery,
    tests: Vec<BookCondition>,
    by_index: Option<BookCondition>,
    after: Vec<BookCondition>,
    order: String,
    rows: BookRows,
    most: i64,
    few: i64,
    skip: i64,
    limit: i64,
}

impl<'q> Matches<'q> {
    pub(super) fn of(query: &'q BookQuery, most: u64, few: u64) -> Self {
        let (key, (_, way)) = (key_of(query.sort), direction(query.order));
        let order = format!("{key} {way} NULLS LAST, id {way}");
        Self {
            query,
            tests: tests(&query.filter),
            by_index: by_index(&query.filter),
            after: match &query.start {
                Start::After(position) => vec![after(query, position)],
                Start::Offset(_) => Vec::new(),
            },
            rows: books::table
                .filter(sql::<Bool>("id IN (SELECT id FROM page)"))
                .order(sql::<Text>(order.clone()))
                .select(BookRow::as_select())
                .into_boxed(),
            order,
            most: clamp(most),
            few: clamp(few),
            skip: offset(&query.start),
            limit: one_more(query.limit),
        }
    }

    /// The ids and sort keys of the books that pass all conditions.
    fn push_matching<'b>(
        &'b self,
        out: &mut AstPass<'_, 'b, Pg>,
        conditions: impl Iterator<Item = &'b BookCondition>,
        only_if: &str,
    ) -> QueryResult<()> {
        out.push_sql("(SELECT id, ");
        out.push_sql(key_of(self.query.sort));
        out.push_sql(" FROM books WHERE ");
        out.push_sql(only_if);
        push_all(out, conditions)?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.most)?;
        out.push_sql(")");
        Ok(())
    }
}

/// The condition for the books after a position.
fn after(query: &BookQuery, position: &Position<Book>) -> BookCondition {
    let is_optional = query.sort.key_type().is_optional();
    match further(query, position) {
        Some(further) if is_optional && position.key != SortKey::Missing => {
            let missing: BookCondition = Box::new(sql(format!("{} IS NULL", key_of(query.sort))));
            Box::new(further.or(missing))
        }
        Some(further) => further,
        None => Box::new(sql("FALSE")),
    }
}

fn push_all<'b>(
    out: &mut AstPass<'_, 'b, Pg>,
    conditions: impl Iterator<Item = &'b BookCondition>,
) -> QueryResult<()> {
    for condition in conditions {
        out.push_sql(" AND (");
        condition.walk_ast(out.reborrow())?;
        out.push_sql(")");
    }
    Ok(())
}

impl QueryFragment<Pg> for Matches<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // There are too many combinations of conditions to keep a prepared statement for each.
        if self.tests.len() > 1 {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql("WITH ");
        if let Some(by_index) = &self.by_index {
            out.push_sql("sample AS MATERIALIZED (SELECT count(*) FILTER (WHERE TRUE");
            push_all(&mut out, self.tests.iter())?;
            out.push_sql(
                ") * 5 > count(*) AS is_common FROM (SELECT max(id) AS last FROM books) AS newest \
                 CROSS JOIN generate_series(1, 50) AS step \
                 JOIN books ON books.id = last * step / 50), matching AS MATERIALIZED (",
            );
            let conditions = self.tests.iter().chain([by_index]);
            self.push_matching(&mut out, conditions, "NOT (SELECT is_common FROM sample)")?;
            out.push_sql(" UNION ALL ");
            let is_common = "(SELECT is_common FROM sample)";
            self.push_matching(&mut out, self.tests.iter(), is_common)?;
        } else {
            out.push_sql("matching AS MATERIALIZED (");
            self.push_matching(&mut out, self.tests.iter(), "TRUE")?;
        }
        out.push_sql(
            "), counted AS MATERIALIZED (SELECT count(*) AS total FROM matching), \
             page AS MATERIALIZED (SELECT * FROM matching WHERE (SELECT total FROM counted) <= ",
        );
        out.push_bind_param::<BigInt, _>(&self.few)?;
        push_all(&mut out, self.after.iter())?;
        out.push_sql(" ORDER BY ");
        out.push_sql(&self.order);
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.skip)?;
        out.push_sql(") SELECT total, found.* FROM counted LEFT JOIN (");
        QueryFragment::<Pg>::walk_ast(&self.rows, out.reborrow())?;
        out.push_sql(") AS found ON TRUE");
        Ok(())
    }
}

impl QueryId for Matches<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Matches<'_> {
    type SqlType = CountedRowType;
}
