//! Copies every table from one database into another, empty one.
//!
//! The source is read in one snapshot. The target is written in one transaction, so it holds either
//! everything or nothing.

mod postgres;
mod rows;
mod side;
mod sqlite;
mod table;

use std::sync::mpsc;
use std::thread;

use sha2::{Digest, Sha256};

use crate::SchemaState;
use crate::postgres::{Postgres, PostgresConfig};
use crate::sqlite::{Sqlite, SqliteConfig};
use postgres::PostgresSide;
pub(crate) use rows::{Row, Value};
pub use side::DatabaseError;
pub(crate) use side::Side;
use sqlite::SqliteSide;
use table::{COUNT_BOOKS, TABLES, Table};

/// The location of a database.
#[derive(Debug, Clone)]
pub enum Place {
    Sqlite(SqliteConfig),
    Postgres(Box<PostgresConfig>),
}

/// A step of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<'a> {
    /// The number of rows to copy is known.
    Begun { rows: u64 },
    /// More rows of this table were written.
    Copied { table: &'a str, rows: u64 },
    /// More rows of this table were read again and compared.
    Compared { table: &'a str, rows: u64 },
}

/// A table that is now the same in both databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    pub name: &'static str,
    pub rows: u64,
    /// The SHA-256 of its rows in the order of their keys.
    pub digest: [u8; 32],
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("the source cannot be read")]
    Source(#[source] DatabaseError),
    #[error("the target cannot be written")]
    Target(#[source] DatabaseError),
    #[error("the target is not empty: its table {0} has rows")]
    NotEmpty(&'static str),
    #[error("the {0} lacks migrations: run \"bookshelf migrate\" on it first")]
    Old(&'static str),
    #[error("the {0} has unknown migrations: use the newer Bookshelf that made them")]
    New(&'static str),
    #[error("the rows of {0} differ between source and target")]
    Rows(&'static str),
}

/// The number of batches that may wait to be written.
const WAITING_BATCHES: usize = 4;

/// Copies every table, compares source and target, and only then commits. It blocks the thread.
pub fn copy(
    from: &Place,
    to: &Place,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<CopiedTable>, CopyError> {
    let mut source = from.source().map_err(CopyError::Source)?;
    let source = source.as_mut();
    check_migrations(&source.migrations().map_err(CopyError::Source)?, from, "source")?;
    let mut target = to.ready_target()?;
    let target = target.as_mut();
    check_migrations(&target.migrations().map_err(CopyError::Target)?, to, "target")?;
    target.execute(&(target.dialect().prepare)()).map_err(CopyError::Target)?;
    let mut rows = 0;
    for table in &TABLES {
        if !target.is_empty(table).map_err(CopyError::Target)? {
            return Err(CopyError::NotEmpty(table.name));
        }
        rows += source.count(table).map_err(CopyError::Source)?;
    }
    progress(Progress::Begun { rows });
    transfer(source, target, progress)?;
    continue_ids(source, target)?;
    target.execute(COUNT_BOOKS).map_err(CopyError::Target)?;
    target.execute(&(target.dialect().restore)()).map_err(CopyError::Target)?;
    let mut copied = TABLES
        .iter()
        .map(|table| compare(source, target, table, progress))
        .collect::<Result<Vec<_>, _>>()?;
    target.execute("COMMIT").map_err(CopyError::Target)?;
    copied.sort_by_key(|table| table.name);
    Ok(copied)
}

impl Place {
    pub(crate) fn source(&self) -> Result<Box<dyn Side>, DatabaseError> {
        Ok(match self {
            Self::Sqlite(config) => Box::new(SqliteSide::source(config)?),
            Self::Postgres(config) => Box::new(PostgresSide::source(config)?),
        })
    }

    fn target(&self) -> Result<Box<dyn Side>, DatabaseError> {
        Ok(match self {
            Self::Sqlite(config) => Box::new(SqliteSide::target(config)?),
            Self::Postgres(config) => Box::new(PostgresSide::target(config)?),
        })
    }

    /// Opens the target, and migrates it first if it has no tables.
    fn ready_target(&self) -> Result<Box<dyn Side>, CopyError> {
        let open = || self.target().map_err(CopyError::Target);
        let mut target = open()?;
        if target.number(target.dialect().count_tables).map_err(CopyError::Target)? > 0 {
            return Ok(target);
        }
        drop(target);
        let migrated = match self {
            Self::Sqlite(config) => Sqlite::open(config.clone()).and_then(|db| db.migrate()),
            Self::Postgres(config) => {
                Postgres::connect(PostgresConfig::clone(config)).and_then(|db| db.migrate())
            }
        };
        migrated.map_err(|error| CopyError::Target(error.into()))?;
        open()
    }

    /// The versions of the migrations that this program knows.
    fn known_migrations(&self) -> Result<Vec<String>, DatabaseError> {
        Ok(match self {
            Self::Sqlite(_) => crate::sqlite::migration_versions()?,
            Self::Postgres(_) => crate::postgres::migration_versions()?,
        })
    }
}

fn check_migrations(
    applied: &[String],
    place: &Place,
    side: &'static str,
) -> Result<(), CopyError> {
    let known = place.known_migrations().map_err(CopyError::Source)?;
    match SchemaState::of(applied, &known) {
        SchemaState::Current => Ok(()),
        SchemaState::Newer => Err(CopyError::New(side)),
        SchemaState::New | SchemaState::Older => Err(CopyError::Old(side)),
    }
}

/// Makes the target continue with new ids after those of the source, even if their rows are deleted.
fn continue_ids(source: &mut dyn Side, target: &mut dyn Side) -> Result<(), CopyError> {
    for table in TABLES.iter().filter(|table| table.has_ids()) {
        let query = (source.dialect().last_id)(table);
        let last = source.number(&query).map_err(CopyError::Source)?;
        if last > 0 {
            let statements = (target.dialect().continue_after)(table, last);
            target.execute(&statements).map_err(CopyError::Target)?;
        }
    }
    Ok(())
}

/// Reads the source on one thread while another writes the target.
fn transfer(
    source: &mut dyn Side,
    target: &mut dyn Side,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<(), CopyError> {
    let mut tables: Vec<_> = TABLES.iter().collect();
    if !target.dialect().parents_first {
        tables.reverse();
    }
    let (batches, arriving) = mpsc::sync_channel(WAITING_BATCHES);
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            for table in tables {
                source.scan(&table.select(), &mut |rows| batches.send((table, rows)).is_ok())?;
            }
            Ok(())
        });
        for (table, rows) in arriving {
            target.insert(table, &rows).map_err(CopyError::Target)?;
            tracing::debug!(table = table.name, rows = rows.len(), "copied");
            progress(Progress::Copied { table: table.name, rows: rows.len() as u64 });
        }
        reader.join().unwrap_or_else(|_| Err(panicked())).map_err(CopyError::Source)
    })
}

/// Reads a table of both databases again.
fn compare(
    source: &mut dyn Side,
    target: &mut dyn Side,
    table: &'static Table,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<CopiedTable, CopyError> {
    let (source_table, target_table) = thread::scope(|scope| {
        let source_table = scope.spawn(|| fingerprint(source, table, &mut |_| {}));
        let target_table = fingerprint(target, table, &mut |rows| {
            progress(Progress::Compared { table: table.name, rows });
        });
        (source_table.join().unwrap_or_else(|_| Err(panicked())), target_table)
    });
    let (source_table, target_table) =
        (source_table.map_err(CopyError::Source)?, target_table.map_err(CopyError::Target)?);
    if source_table != target_table {
        return Err(CopyError::Rows(table.name));
    }
    tracing::debug!(table = table.name, rows = target_table.rows, "compared");
    Ok(target_table)
}

fn fingerprint(
    side: &mut dyn Side,
    table: &'static Table,
    progress: &mut dyn FnMut(u64),
) -> Result<CopiedTable, DatabaseError> {
    let mut digest = Sha256::new();
    let mut count = 0;
    side.scan(&table.select(), &mut |rows| {
        rows.iter().for_each(|row| row.digest(&mut digest));
        count += rows.len() as u64;
        progress(rows.len() as u64);
        true
    })?;
    Ok(CopiedTable { name: table.name, rows: count, digest: digest.finalize().into() })
}

fn panicked() -> DatabaseError {
    DatabaseError::new("the thread that reads the source panicked")
}
