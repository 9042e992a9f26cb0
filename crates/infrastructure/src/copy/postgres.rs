use std::error::Error;
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Client;
use tokio_postgres::binary_copy::{BinaryCopyInWriter, BinaryCopyOutStream};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::rows::{Batches, Row, Value};
use super::side::{DatabaseError, Dialect, Side};
use super::table::{TABLES, Table};
use crate::postgres::{PostgresConfig, connect_alone};
use bookshelf_domain::error_chain;

pub(super) struct PostgresSide {
    /// Declared before the runtime, so that it is dropped first: it closes its connection there.
    client: Client,
    runtime: Runtime,
}

impl PostgresSide {
    /// The transaction sees one state of the database.
    pub(super) fn source(config: &PostgresConfig) -> Result<Self, DatabaseError> {
        Self::begin(config, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    pub(super) fn target(config: &PostgresConfig) -> Result<Self, DatabaseError> {
        Self::begin(config, "BEGIN ISOLATION LEVEL READ COMMITTED")
    }

    fn begin(config: &PostgresConfig, begin: &str) -> Result<Self, DatabaseError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| DatabaseError::new(error.to_string()))?;
        let client = runtime.block_on(connect_alone(config.clone()))?;
        let mut side = Self { client, runtime };
        // The quicker side waits for the other one within its transaction.
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

    fn scan(
        &mut self,
        query: &str,
        take: &mut dyn FnMut(Vec<Row>) -> bool,
    ) -> Result<(), DatabaseError> {
        self.runtime.block_on(async {
            let types = types(&self.client, query).await?;
            let copy = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
            let stream = BinaryCopyOutStream::new(self.client.copy_out(&copy).await?, &types);
            let mut stream = pin!(stream);
            let mut batches = Batches::new(take);
            while let Some(row) = stream.try_next().await? {
                let values = (0..types.len()).map(|place| row.try_get(place));
                if !batches.add(Row(values.collect::<Result<_, _>>()?)) {
                    return Ok(());
                }
            }
            batches.finish();
            Ok(())
        })
    }

    fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), DatabaseError> {
        let Table { name, columns, .. } = table;
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

    fn execute(&mut self, statements: &str) -> Result<(), DatabaseError> {
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
            _ => Err(format!("a value does not fit a column of type {ty}").into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <Self as FromSql>::accepts(ty)
    }

    to_sql_checked!();
}

/// The types of the columns of a query.
async fn types(client: &Client, query: &str) -> Result<Vec<Type>, DatabaseError> {
    let statement = client.prepare(query).await?;
    Ok(statement.columns().iter().map(|column| column.type_().clone()).collect())
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::new(error_chain(&error))
    }
}

static DIALECT: Dialect = Dialect {
    count_tables: "
        SELECT count(*) FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND c.relname !~ '^__diesel_' AND NOT EXISTS (SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')",
    count_migration_tables: "
        SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relname = '__diesel_schema_migrations'",
    own_checks: &[],
    parents_first: true,
    // Others may still read. Turning triggers off is part of the transaction.
    prepare: || {
        let lock = format!(
            "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE;",
            TABLES.map(|t| t.name).join(", ")
        );
        lock + &triggers("DISABLE")
    },
    restore: || triggers("ENABLE"),
    // An id that was inserted does not move the sequence, so the largest one counts too.
    last_id: |Table { name, .. }| {
        format!(
            "SELECT greatest(last_value - (NOT is_called)::int, (SELECT max(id) FROM {name}))
             FROM {name}_id_seq"
        )
    },
    // Unlike setval, this is part of the transaction.
    continue_after: |Table { name, .. }, id| {
        format!("ALTER TABLE {name} ALTER COLUMN id RESTART WITH {}", id.saturating_add(1))
    },
};

fn triggers(action: &str) -> String {
    TABLES.map(|table| format!("ALTER TABLE {} {action} TRIGGER USER;", table.name)).concat()
}
