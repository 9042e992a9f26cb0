//! Helpers for the tests of the adapters on SQLite. `postgres::tests::support` has the same names.

use diesel::connection::{Connection as _, Instrumentation, SimpleConnection};
use diesel::query_builder::QueryFragment;
use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, debug_query, sql_query};
use tempfile::TempDir;

use crate::sqlite::dialect::{Connection, Database, Engine};
use crate::sqlite::{Sqlite, SqliteConfig};

/// An empty database with every migration applied, and the folder that it needs.
pub(crate) fn migrated() -> Option<(Engine, TempDir)> {
    let folder = TempDir::new().unwrap();
    let sqlite = Sqlite::open(SqliteConfig::new(folder.path().join("books.db"))).unwrap();
    sqlite.migrate().unwrap();
    Some((sqlite, folder))
}

pub(crate) async fn fill(conn: &mut Connection, statements: &str) -> QueryResult<()> {
    conn.batch_execute(statements)
}

pub(crate) fn instrument(conn: &mut Connection, instrumentation: impl Instrumentation) {
    conn.set_instrumentation(instrumentation);
}

/// The plan by which SQLite would execute the query.
pub(crate) async fn plan_of(
    conn: &mut Connection,
    query: impl QueryFragment<Database>,
) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let text = debug_query::<Database, _>(&query).to_string();
    let (sql, _) = text.split_once(" -- binds").unwrap();
    let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// Whether the plan finds the entries of one user by an index, and then each book by its id.
pub(crate) fn starts_from_entries_of_user(plan: &[String]) -> bool {
    let [entries, books, ..] = plan else { return false };
    entries.starts_with("SEARCH shelf_entries USING INDEX shelf_entries_")
        && entries.contains("(user_id=?")
        && books.starts_with("SEARCH books USING INTEGER PRIMARY KEY")
}

/// Whether a descending order, in which missing keys come last too, can use the index.
pub(crate) const READS_MISSING_KEYS_BACKWARDS: bool = true;

pub(crate) fn sorts(plan: &[String]) -> bool {
    plan.iter().any(|step| step.contains("TEMP B-TREE"))
}
