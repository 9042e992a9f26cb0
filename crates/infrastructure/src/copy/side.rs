use bookshelf_domain::StoreError;

use super::table::{self, Table, quoted};
use super::value::{Row, Value};

/// What a database said when it would not.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(String);

impl Fault {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(text) => Self(text),
            StoreError::Unexpected(error) => Self(error.to_string()),
        }
    }
}

/// One transaction on one of the two databases. It is rolled back when it is dropped, and by the
/// database when this program dies.
pub(super) trait Side: Send {
    fn dialect(&self) -> &'static Dialect;

    /// Gives the rows of a query in portions, for as long as `take` returns that it wants more.
    fn scan(&mut self, query: &str, take: &mut dyn FnMut(Vec<Row>) -> bool) -> Result<(), Fault>;

    fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), Fault>;

    /// Runs statements that return nothing.
    fn execute(&mut self, statements: &str) -> Result<(), Fault>;
}

/// How the two databases are told the same.
pub(super) struct Dialect {
    /// Queries of the catalogue, see [`table::tables`].
    pub(super) columns: &'static str,
    pub(super) parents: &'static str,
    /// Whether there is a table of applied migrations: 0 or 1.
    pub(super) has_migrations: &'static str,
    /// Added to a column of text to sort it by its bytes.
    pub(super) by_bytes: &'static str,
    /// Whether rows may come only after those that their foreign keys lead to.
    pub(super) parents_first: bool,
    /// Makes the target ready, within its transaction: nobody else writes to it, and rows stay what
    /// they are whatever triggers there are.
    pub(super) prepare: fn(&[Table]) -> String,
    /// Undoes what of that would stay.
    pub(super) restore: fn(&[Table]) -> String,
    /// Asks for the last id that was given.
    pub(super) last_id: fn(&Table, &str) -> String,
    /// Makes ids go on after this one.
    pub(super) go_on_after: fn(&str, i64) -> String,
}

impl dyn Side + '_ {
    pub(super) fn query(&mut self, query: &str) -> Result<Vec<Row>, Fault> {
        let mut all = Vec::new();
        self.scan(query, &mut |rows| {
            all.extend(rows);
            true
        })?;
        Ok(all)
    }

    pub(super) fn number(&mut self, query: &str) -> Result<i64, Fault> {
        match self.query(query)?.first().map(|row| row.0.as_slice()) {
            Some([Value::Integer(number)]) => Ok(*number),
            _ => Err(Fault::new(format!("no number is the answer to {query}"))),
        }
    }

    /// Every table, by name.
    pub(super) fn tables(&mut self) -> Result<Vec<Table>, Fault> {
        let columns = self.query(self.dialect().columns)?;
        let parents = self.query(self.dialect().parents)?;
        table::tables(columns, &parents)
    }

    /// The versions of the migrations that were applied.
    pub(super) fn migrations(&mut self) -> Result<Vec<String>, Fault> {
        if self.number(self.dialect().has_migrations)? == 0 {
            return Ok(Vec::new());
        }
        // Two types, one for each database, are text here.
        let rows =
            self.query("SELECT CAST(version AS TEXT) FROM __diesel_schema_migrations ORDER BY 1")?;
        let version = |row: Row| match <[Value; 1]>::try_from(row.0) {
            Ok([Value::Text(version)]) => Some(version),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(version).collect())
    }

    pub(super) fn count(&mut self, table: &Table) -> Result<u64, Fault> {
        let count = self.number(&format!("SELECT count(*) FROM {}", quoted(&table.name)))?;
        u64::try_from(count).map_err(|_| Fault::new("a table has fewer rows than none"))
    }

    pub(super) fn is_empty(&mut self, table: &Table) -> Result<bool, Fault> {
        let name = quoted(&table.name);
        let query = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT 1) AS found");
        Ok(self.number(&query)? == 0)
    }
}
