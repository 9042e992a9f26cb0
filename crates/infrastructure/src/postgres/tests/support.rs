//! Helpers for the tests of the adapters on PostgreSQL. `sqlite::tests::support` has the same
//! names.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::Instrumentation;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection as _, RunQueryDsl, SimpleAsyncConnection};

use super::TestDatabase;
use crate::postgres::dialect::{Connection, Database, Engine};
use crate::postgres::{Postgres, PostgresConfig};

/// An empty database with every migration applied. On a busy machine it takes long to fill, so the
/// time limit is long too.
pub(crate) fn migrated() -> Option<(Engine, TestDatabase)> {
    let database = TestDatabase::create()?;
    let patient = Duration::from_secs(600);
    let config = PostgresConfig { statement_timeout: patient, ..database.config() };
    let postgres = Postgres::connect(config).unwrap();
    postgres.migrate().unwrap();
    Some((postgres, database))
}

/// Runs the statements, and collects the statistics that the planner needs.
pub(crate) async fn fill(conn: &mut Connection, statements: &str) -> QueryResult<()> {
    conn.batch_execute(statements).await?;
    conn.batch_execute("ANALYZE").await
}

pub(crate) fn instrument(conn: &mut Connection, instrumentation: impl Instrumentation) {
    conn.set_instrumentation(instrumentation);
}

/// The plan by which PostgreSQL would execute the query.
pub(crate) async fn plan_of(
    conn: &mut Connection,
    query: impl QueryFragment<Database> + Send,
) -> Vec<String> {
    Explain(query).load(conn).await.unwrap()
}

struct Explain<Q>(Q);

impl<Q: QueryFragment<Database>> QueryFragment<Database> for Explain<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Database>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("EXPLAIN ");
        self.0.walk_ast(out.reborrow())
    }
}

impl<Q> QueryId for Explain<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Explain<Q> {
    type SqlType = Text;
}

/// Whether the plan finds the entries of one user by an index, and not by reading the books in order.
pub(crate) fn starts_from_entries_of_user(plan: &[String]) -> bool {
    let has = |part: &str| plan.iter().any(|step| step.contains(part));
    let finds_entries = has("Cond: (user_id =") || has("Cond: ((user_id =");
    finds_entries
        && !["Seq Scan on shelf_entries", "books_title_sort_idx", "books_author_sort_idx"]
            .into_iter()
            .any(has)
}

/// Whether a descending order, in which missing keys come last too, can use the index.
pub(crate) const READS_MISSING_KEYS_BACKWARDS: bool = false;

pub(crate) fn sorts(plan: &[String]) -> bool {
    plan.iter().any(|step| step.contains("Sort"))
}
