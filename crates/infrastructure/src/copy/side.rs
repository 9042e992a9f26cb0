use bookshelf_domain::StoreError;

use super::rows::{Row, Value};
use super::table::Table;
use bookshelf_domain::error_chain;

/// What a database reported when it failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DatabaseError(String);

impl DatabaseError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<StoreError> for DatabaseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(text) | StoreError::Full(text) => Self(text),
            StoreError::Unexpected(error) => Self(error_chain(&*error)),
        }
    }
}

/// One transaction on the source or the target. Dropping it rolls it back, and so does the database
/// if this process dies.
pub(crate) trait Side: Send {
    fn dialect(&self) -> &'static Dialect;

    /// Hands over the rows of a query in batches until `take` returns false.
    fn scan(
        &mut self,
        query: &str,
        take: &mut dyn FnMut(Vec<Row>) -> bool,
    ) -> Result<(), DatabaseError>;

    fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), DatabaseError>;

    /// Runs statements that return no rows.
    fn execute(&mut self, statements: &str) -> Result<(), DatabaseError>;
}

/// What the two databases write differently.
pub(crate) struct Dialect {
    /// Counts the tables that are not of the database itself, of an extension or of Diesel.
    pub(super) count_tables: &'static str,
    /// Counts the tables of applied migrations: 0 or 1.
    pub(super) count_migration_tables: &'static str,
    /// Asks for what the database itself finds wrong, a line each; empty if it does not look.
    pub(crate) own_checks: &'static [&'static str],
    /// Whether rows may be inserted only after those that their foreign keys refer to.
    pub(super) parents_first: bool,
    /// Keeps others from writing to the target, and triggers from changing rows.
    pub(super) prepare: fn() -> String,
    /// Undoes what would outlast the transaction.
    pub(super) restore: fn() -> String,
    /// Asks for the last id that a table has given out.
    pub(super) last_id: fn(&Table) -> String,
    /// Makes a table continue after an id.
    pub(super) continue_after: fn(&Table, i64) -> String,
}

impl dyn Side + '_ {
    pub(crate) fn number(&mut self, query: &str) -> Result<i64, DatabaseError> {
        let mut found = None;
        self.scan(query, &mut |rows| {
            found = rows.into_iter().next();
            false
        })?;
        match found.as_ref().map(|row| row.0.as_slice()) {
            Some([Value::Integer(number)]) => Ok(*number),
            _ => Err(DatabaseError::new(format!("the answer is not a number: {query}"))),
        }
    }

    /// The versions of the applied migrations.
    pub(super) fn migrations(&mut self) -> Result<Vec<String>, DatabaseError> {
        let mut versions = Vec::new();
        if self.number(self.dialect().count_migration_tables)? == 0 {
            return Ok(versions);
        }
        // The type of the column depends on the database.
        let query = "SELECT CAST(version AS TEXT) FROM __diesel_schema_migrations";
        self.scan(query, &mut |rows| {
            versions.extend(rows.into_iter().flat_map(|row| row.0).filter_map(
                |value| match value {
                    Value::Text(version) => Some(version),
                    _ => None,
                },
            ));
            true
        })?;
        Ok(versions)
    }

    pub(super) fn count(&mut self, table: &Table) -> Result<u64, DatabaseError> {
        let count = self.number(&format!("SELECT count(*) FROM {}", table.name))?;
        u64::try_from(count).map_err(|error| DatabaseError::new(error.to_string()))
    }

    pub(super) fn is_empty(&mut self, table: &Table) -> Result<bool, DatabaseError> {
        let rows = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1) AS rows", table.name);
        Ok(self.number(&rows)? == 0)
    }
}
