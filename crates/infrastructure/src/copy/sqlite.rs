use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};
use diesel::row::{Field, NamedRow};
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::sqlite::{Sqlite, SqliteType};
use diesel::{RunQueryDsl, SqliteConnection, sql_query};

use super::portions::Portions;
use super::side::{Dialect, Fault, Side};
use super::table::{Table, quoted};
use super::value::{Row, Value};
use crate::sqlite::{Purpose, SqliteConfig, connect};

pub(super) struct SqliteSide(SqliteConnection);

impl SqliteSide {
    /// Reads all of one state, and makes no file.
    pub(super) fn source(config: &SqliteConfig) -> Result<Self, Fault> {
        if !config.path.is_file() {
            return Err(Fault::new(format!("there is no file {}", config.path.display())));
        }
        let mut side = Self(connect(config, Purpose::Scan)?);
        side.execute("BEGIN")?;
        Ok(side)
    }

    /// Makes the file where there is none, for its owner alone: it holds hashes of passwords.
    pub(super) fn target(config: &SqliteConfig) -> Result<Self, Fault> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config.path);
        match made {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                let path = config.path.display();
                return Err(Fault::new(format!("the file {path} cannot be made: {error}")));
            }
            _ => {}
        }
        let mut side = Self(connect(config, Purpose::Write)?);
        // 64 MiB: the indexes are written to all over.
        side.execute("PRAGMA cache_size = -65536")?;
        side.execute("BEGIN IMMEDIATE")?;
        Ok(side)
    }
}

impl Side for SqliteSide {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn scan(&mut self, query: &str, take: &mut dyn FnMut(Vec<Row>) -> bool) -> Result<(), Fault> {
        let mut portions = Portions::new(take);
        for row in sql_query(query).load_iter::<Row, DefaultLoadingMode>(&mut self.0)? {
            if !portions.add(row?) {
                return Ok(());
            }
        }
        portions.finish();
        Ok(())
    }

    fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), Fault> {
        let into =
            format!("INSERT INTO {} ({}) VALUES ", quoted(&table.name), table.quoted_columns());
        for rows in rows.chunks(ROWS) {
            Insert { into: &into, rows }.execute(&mut self.0)?;
        }
        Ok(())
    }

    fn execute(&mut self, statements: &str) -> Result<(), Fault> {
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
                _ => Err(format!("{:?} holds a number with a fraction", field.field_name()).into()),
            }
        };
        (0..row.field_count()).map(value).collect::<Result<_, _>>().map(Self)
    }
}

/// Rows in a statement: far fewer values than the 32766 that SQLite takes.
const ROWS: usize = 100;

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

impl Query for Insert<'_> {
    type SqlType = diesel::sql_types::Untyped;
}

impl RunQueryDsl<SqliteConnection> for Insert<'_> {}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::new(error.to_string())
    }
}

static DIALECT: Dialect = Dialect {
    // Tables that belong to virtual ones are of other types; generated columns are "hidden".
    columns: r#"
        SELECT t.name, c.name, c.type, c.pk,
            iif(s.sql LIKE '%PRIMARY KEY AUTOINCREMENT%', t.name, NULL)
        FROM pragma_table_list t
        JOIN sqlite_schema s ON s.type = 'table' AND s.name = t.name, pragma_table_xinfo(t.name) c
        WHERE t.schema = 'main' AND t.type = 'table' AND c.hidden = 0
            AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '__diesel_*'
        ORDER BY t.name, c.name"#,
    parents: r#"
        SELECT t.name, f."table" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
        WHERE t.schema = 'main' AND t.type = 'table'"#,
    has_migrations: "
        SELECT count(*) FROM sqlite_schema WHERE name = '__diesel_schema_migrations'",
    by_bytes: "",
    // Triggers cannot be turned off here, and those of the text index are wanted. Those that keep
    // sums of a table in its parent find no parent to change.
    parents_first: false,
    prepare: |_| "PRAGMA defer_foreign_keys = ON".to_owned(),
    restore: |_| String::new(),
    last_id: |_, table| {
        let table = literal(table);
        format!("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = {table}), 0)")
    },
    go_on_after: |table, id| {
        let table = literal(table);
        format!(
            "DELETE FROM sqlite_sequence WHERE name = {table};
             INSERT INTO sqlite_sequence (name, seq) VALUES ({table}, {id})"
        )
    },
};

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
