use std::error::Error;
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Client;
use tokio_postgres::binary_copy::{BinaryCopyInWriter, BinaryCopyOutStream};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::portions::Portions;
use super::side::{Dialect, Fault, Side};
use super::table::{Table, quoted};
use super::value::{Row, Value};
use crate::postgres::{PostgresConfig, chain, connect_alone};

pub(super) struct PostgresSide {
    /// Before the runtime: it says goodbye there.
    client: Client,
    runtime: Runtime,
}

impl PostgresSide {
    /// Reads all of one state.
    pub(super) fn source(config: &PostgresConfig) -> Result<Self, Fault> {
        Self::begin(config, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    pub(super) fn target(config: &PostgresConfig) -> Result<Self, Fault> {
        Self::begin(config, "BEGIN ISOLATION LEVEL READ COMMITTED")
    }

    fn begin(config: &PostgresConfig, begin: &str) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::new(error.to_string()))?;
        let client = runtime.block_on(connect_alone(config.clone()))?;
        let mut side = Self { client, runtime };
        // Whichever side is the quicker waits for the other within its transaction.
        side.execute(
            "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
             SET lock_timeout = '10s'",
        )?;
        side.execute(begin)?;
        Ok(side)
    }
}

impl Side for PostgresSide {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn scan(&mut self, query: &str, take: &mut dyn FnMut(Vec<Row>) -> bool) -> Result<(), Fault> {
        self.runtime.block_on(async {
            let types = types(&self.client, query).await?;
            let copy = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
            let stream = BinaryCopyOutStream::new(self.client.copy_out(&copy).await?, &types);
            let mut stream = pin!(stream);
            let mut portions = Portions::new(take);
            while let Some(row) = stream.try_next().await? {
                let values = (0..types.len()).map(|place| row.try_get(place));
                if !portions.add(Row(values.collect::<Result<_, _>>()?)) {
                    return Ok(());
                }
            }
            portions.finish();
            Ok(())
        })
    }

    fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), Fault> {
        let (name, columns) = (quoted(&table.name), table.quoted_columns());
        self.runtime.block_on(async {
            let types = types(&self.client, &format!("SELECT {columns} FROM {name}")).await?;
            let copy = format!("COPY {name} ({columns}) FROM STDIN (FORMAT binary)");
            let mut writer =
                pin!(BinaryCopyInWriter::new(self.client.copy_in(&copy).await?, &types));
            for Row(values) in rows {
                writer.as_mut().write_raw(values).await?;
            }
            writer.finish().await?;
            Ok(())
        })
    }

    fn execute(&mut self, statements: &str) -> Result<(), Fault> {
        Ok(self.runtime.block_on(self.client.batch_execute(statements))?)
    }
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        match *ty {
            Type::INT4 => i32::from_sql(ty, raw).map(|number| Self::Integer(number.into())),
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Integer),
            Type::TEXT => String::from_sql(ty, raw).map(Self::Text),
            _ => Vec::from_sql(ty, raw).map(Self::Bytes),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT4 | Type::INT8 | Type::TEXT | Type::BYTEA)
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Integer(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Self::Integer(number), &Type::INT8) => number.to_sql(ty, out),
            (Self::Text(text), &Type::TEXT) => text.to_sql(ty, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            _ => Err(format!("a value for a column of type {ty} is of another type").into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <Self as FromSql>::accepts(ty)
    }

    to_sql_checked!();
}

/// The types of what a query returns.
async fn types(client: &Client, query: &str) -> Result<Vec<Type>, Fault> {
    let statement = client.prepare(query).await?;
    Ok(statement.columns().iter().map(|column| column.type_().clone()).collect())
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::new(chain(&error))
    }
}

static DIALECT: Dialect = Dialect {
    // Tables of extensions are not ours.
    columns: r#"
        SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
            coalesce(array_position(i.indkey::smallint[], a.attnum), -1) + 1,
            pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        WHERE c.relkind IN ('r', 'p') AND a.attgenerated = '' AND c.relname !~ '^__diesel_'
            AND NOT EXISTS (SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY c.relname COLLATE "C", a.attname COLLATE "C""#,
    parents: "
        SELECT c.relname::text, p.relname::text
        FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
            JOIN pg_class p ON p.oid = f.confrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
        WHERE f.contype = 'f'",
    has_migrations: "
        SELECT count(*) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
        WHERE c.relname = '__diesel_schema_migrations'",
    by_bytes: " COLLATE \"C\"",
    parents_first: true,
    // Others may go on reading. Turning triggers off is part of the transaction.
    prepare: |tables| {
        let names: Vec<_> = tables.iter().map(|table| quoted(&table.name)).collect();
        let lock = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE;", names.join(", "));
        lock + &triggers(tables, "DISABLE")
    },
    restore: |tables| triggers(tables, "ENABLE"),
    // Ids that somebody chose do not move the sequence.
    last_id: |table, sequence| {
        let (name, key) = (quoted(&table.name), table.key.first().map_or("", String::as_str));
        format!(
            "SELECT greatest(last_value - (NOT is_called)::int, (SELECT max({}) FROM {name}))
             FROM {sequence}",
            quoted(key)
        )
    },
    // Unlike setval, this is part of the transaction.
    go_on_after: |sequence, id| {
        format!("ALTER SEQUENCE {sequence} RESTART WITH {}", id.saturating_add(1))
    },
};

fn triggers(tables: &[Table], what: &str) -> String {
    let alter = |table: &Table| format!("ALTER TABLE {} {what} TRIGGER USER;", quoted(&table.name));
    tables.iter().map(alter).collect()
}
