use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};
use diesel::row::{Field, NamedRow};
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::sqlite::{Sqlite, SqliteType};
use diesel::{RunQueryDsl, SqliteConnection, sql_query};

use super::rows::{Batches, Row, Value};
use super::side::{DatabaseError, Dialect, Side};
use super::table::Table;
use crate::sqlite::{Purpose, SqliteConfig, connect};

pub(super) struct SqliteSide(SqliteConnection);

impl SqliteSide {
    /// Opens an existing file. The transaction sees one state of it.
    pub(super) fn source(config: &SqliteConfig) -> Result<Self, DatabaseError> {
        if !config.path.is_file() {
            return Err(DatabaseError::new(format!("there is no file {}", config.path.display())));
        }
        let mut side = Self(connect(config, Purpose::Scan)?);
        side.execute("BEGIN")?;
        Ok(side)
    }

    /// Creates the file if it is missing. Only its owner may read it, because it holds password
    /// hashes.
    pub(super) fn target(config: &SqliteConfig) -> Result<Self, DatabaseError> {
        let created =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config.path);
        match created {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                let path = config.path.display();
                return Err(DatabaseError::new(format!(
                    "the file {path} cannot be created: {error}"
                )));
            }
            _ => {}
        }
        let mut side = Self(connect(config, Purpose::Write)?);
        // 64 MiB, because inserts change pages all over the indexes.
        side.execute("PRAGMA cache_size = -65536")?;
        side.execute("BEGIN IMMEDIATE")?;
        Ok(side)
    }
}

impl Side for SqliteSide {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn scan(
        &mut self,
        query: &str,
        take: &mut dyn FnMut(Vec<Row>) -> bool,
    ) -> Result<(), DatabaseError> {
        let mut batches = Batches::new(take);
        for row in sql_query(query).load_iter::<Row, DefaultLoadingMode>(&mut self.0)? {
            if !batches.add(row?) {
                return Ok(());
            }
        }
        batches.finish();
        Ok(())
    }

    fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), DatabaseError> {
        let into = format!("INSERT INTO {} ({}) VALUES ", table.name, table.columns);
        for rows in rows.chunks(STATEMENT_ROWS) {
            Insert { into: &into, rows }.execute(&mut self.0)?;
        }
        Ok(())
    }

    fn execute(&mut self, statements: &str) -> Result<(), DatabaseError> {
        Ok(self.0.batch_execute(statements)?)
    }
}

impl QueryableByName<Sqlite> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let value = |place| {
            let Some(field) = diesel::row::Row::get(row, place) else { return Ok(Value::Null) };
            let Some(value) = field.value() else { return Ok(Value::Null) };
            match value.value_type() {
                Some(SqliteType::Text) => FromSql::<Text, Sqlite>::from_sql(value).map(Value::Text),
                Some(SqliteType::Binary) => {
                    FromSql::<Binary, Sqlite>::from_sql(value).map(Value::Bytes)
                }
                Some(SqliteType::Long) => {
                    FromSql::<BigInt, Sqlite>::from_sql(value).map(Value::Integer)
                }
                None => Ok(Value::Null),
                _ => Err(format!("{:?} holds a floating-point number", field.field_name()).into()),
            }
        };
        (0..row.field_count()).map(value).collect::<Result<_, _>>().map(Self)
    }
}

/// Rows of one statement. They have far fewer values than the 32,766 that SQLite takes.
const STATEMENT_ROWS: usize = 100;

struct Insert<'a> {
    into: &'a str,
    rows: &'a [Row],
}

impl QueryFragment<Sqlite> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.into);
        for (place, Row(values)) in self.rows.iter().enumerate() {
            out.push_sql(if place == 0 { "(" } else { ", (" });
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push_sql(", ");
                }
                match value {
                    Value::Null => out.push_bind_param::<Nullable, _>(&None::<i64>)?,
                    Value::Integer(number) => out.push_bind_param::<BigInt, _>(number)?,
                    Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
                    Value::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes)?,
                }
            }
            out.push_sql(")");
        }
        Ok(())
    }
}

type Nullable = diesel::sql_types::Nullable<BigInt>;

impl QueryId for Insert<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for Insert<'_> {}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        Self::new(error.to_string())
    }
}

static DIALECT: Dialect = Dialect {
    count_tables: "
        SELECT count(*) FROM sqlite_schema WHERE type = 'table'
            AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '__diesel_*'",
    count_migration_tables: "
        SELECT count(*) FROM sqlite_schema WHERE name = '__diesel_schema_migrations'",
    own_checks: &[
        "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        "SELECT 'row ' || ifnull(rowid, '') || ' of ' || \"table\" || ' refers to a missing row of '
             || parent FROM pragma_foreign_key_check",
    ],
    // SQLite cannot turn triggers off, and those of the text index are needed. Children are inserted
    // first, so that the triggers that add up ratings find no book to change.
    parents_first: false,
    prepare: || "PRAGMA defer_foreign_keys = ON".to_owned(),
    restore: String::new,
    last_id: |Table { name, .. }| {
        format!("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{name}'), 0)")
    },
    continue_after: |Table { name, .. }, id| {
        format!(
            "DELETE FROM sqlite_sequence WHERE name = '{name}';
             INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {id})"
        )
    },
};
