use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};

/// A query that locks the rows it finds until its transaction ends.
///
/// Diesel's own `for_update` does not compile for SQLite, which has no such clause. The clauses are
/// constants of the dialects; those of SQLite are empty.
pub(crate) struct Locked<Q> {
    query: Q,
    clause: &'static str,
}

pub(crate) trait LockRows: Query + Sized {
    fn lock_rows(self, clause: &'static str) -> Locked<Self> {
        Locked { query: self, clause }
    }
}

impl<Q: Query> LockRows for Q {}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Locked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(self.clause);
        Ok(())
    }
}

impl<Q> QueryId for Locked<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Locked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<SqliteConnection> for Locked<Q> {}
