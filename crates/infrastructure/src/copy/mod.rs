//! Everything from one database into another, empty one.
//!
//! Which tables and columns there are is read from both databases, so a new one needs nothing here.
//! The source is read in one snapshot; the target is written in one transaction, so that whatever
//! happens it holds everything or nothing.

mod portions;
mod postgres;
mod side;
mod sqlite;
mod table;
mod value;

use std::sync::mpsc;
use std::thread;

use sha2::{Digest, Sha256};

use crate::postgres::{Postgres, PostgresConfig};
use crate::sqlite::{Sqlite, SqliteConfig};
use postgres::PostgresSide;
pub use side::Fault;
use side::Side;
use sqlite::SqliteSide;
use table::{Table, parents_first};

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Place {
    Sqlite(SqliteConfig),
    Postgres(Box<PostgresConfig>),
}

/// What goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<'a> {
    /// So many rows are there to copy.
    Begun { rows: u64 },
    /// More rows of this table were written.
    Copied { table: &'a str, rows: u64 },
    /// More rows of this table were read again, to be compared.
    Compared { table: &'a str, rows: u64 },
}

/// A table that is the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    pub name: String,
    pub rows: u64,
    /// The SHA-256 of its rows in the order of their keys.
    pub digest: [u8; 32],
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("the source cannot be read")]
    Source(#[source] Fault),
    #[error("the target cannot be written")]
    Target(#[source] Fault),
    #[error("the target is not empty: there are rows in {0}")]
    NotEmpty(String),
    #[error("the {0} lacks migrations: run \"bookshelf migrate\" on it first")]
    Old(&'static str),
    #[error("the {0} has migrations that this program does not know: it is of a newer Bookshelf")]
    New(&'static str),
    #[error("the tables differ: {0}")]
    Tables(String),
    #[error("the rows of {0} were not the same on both sides")]
    Rows(String),
}

/// How many portions wait to be written at most.
const WAITING: usize = 4;

/// Copies every table, compares them, and only then commits. Blocks.
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
    let tables = matching_tables(source, target)?;
    let own: Vec<_> = tables.iter().map(|pair| pair.target.clone()).collect();
    target.execute(&(target.dialect().prepare)(&own)).map_err(CopyError::Target)?;
    for table in &own {
        if !target.is_empty(table).map_err(CopyError::Target)? {
            return Err(CopyError::NotEmpty(table.name.clone()));
        }
    }
    let mut rows = 0;
    for table in &own {
        rows += source.count(table).map_err(CopyError::Source)?;
    }
    progress(Progress::Begun { rows });
    transfer(source, target, &own, progress)?;
    for pair in &tables {
        pair.continue_ids(source, target)?;
    }
    target.execute(&(target.dialect().restore)(&own)).map_err(CopyError::Target)?;
    let mut copied = own
        .iter()
        .map(|table| compare(source, target, table, progress))
        .collect::<Result<Vec<_>, _>>()?;
    target.execute("COMMIT").map_err(CopyError::Target)?;
    copied.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(copied)
}

impl Place {
    fn source(&self) -> Result<Box<dyn Side>, Fault> {
        Ok(match self {
            Self::Sqlite(config) => Box::new(SqliteSide::source(config)?),
            Self::Postgres(config) => Box::new(PostgresSide::source(config)?),
        })
    }

    fn target(&self) -> Result<Box<dyn Side>, Fault> {
        Ok(match self {
            Self::Sqlite(config) => Box::new(SqliteSide::target(config)?),
            Self::Postgres(config) => Box::new(PostgresSide::target(config)?),
        })
    }

    /// A database without any table is migrated.
    fn ready_target(&self) -> Result<Box<dyn Side>, CopyError> {
        let open = || self.target().map_err(CopyError::Target);
        let mut target = open()?;
        if !target.tables().map_err(CopyError::Target)?.is_empty() {
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
    fn known_migrations(&self) -> Result<Vec<String>, Fault> {
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
    if applied.iter().any(|version| !known.contains(version)) {
        return Err(CopyError::New(side));
    }
    if known.iter().any(|version| !applied.contains(version)) {
        return Err(CopyError::Old(side));
    }
    Ok(())
}

/// A table on both sides.
struct Pair {
    source: Table,
    target: Table,
}

/// In the order in which the target takes them.
fn matching_tables(source: &mut dyn Side, target: &mut dyn Side) -> Result<Vec<Pair>, CopyError> {
    let mut theirs = source.tables().map_err(CopyError::Source)?;
    let mut ours = target.tables().and_then(parents_first).map_err(CopyError::Target)?;
    if !target.dialect().parents_first {
        ours.reverse();
    }
    let mut pairs = Vec::with_capacity(ours.len());
    for target in ours {
        let place = theirs.iter().position(|source| source.fits(&target));
        let Some(place) = place else { return Err(CopyError::Tables(target.name)) };
        pairs.push(Pair { source: theirs.swap_remove(place), target });
    }
    match theirs.pop() {
        Some(left) => Err(CopyError::Tables(left.name)),
        None => Ok(pairs),
    }
}

impl Pair {
    /// No id is given twice, not even that of a row which is gone.
    fn continue_ids(&self, source: &mut dyn Side, target: &mut dyn Side) -> Result<(), CopyError> {
        let (Some(theirs), Some(ours)) = (&self.source.counter, &self.target.counter) else {
            return Ok(());
        };
        let question = (source.dialect().last_id)(&self.source, theirs);
        let last = source.number(&question).map_err(CopyError::Source)?;
        if last > 0 {
            let statements = (target.dialect().go_on_after)(ours, last);
            target.execute(&statements).map_err(CopyError::Target)?;
        }
        Ok(())
    }
}

/// The source is read while the target is written.
fn transfer(
    source: &mut dyn Side,
    target: &mut dyn Side,
    tables: &[Table],
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<(), CopyError> {
    let (portions, arriving) = mpsc::sync_channel(WAITING);
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            for table in tables {
                let select = table.select(source.dialect().by_bytes);
                source.scan(&select, &mut |rows| portions.send((table, rows)).is_ok())?;
            }
            Ok(())
        });
        for (table, rows) in arriving {
            target.insert(table, &rows).map_err(CopyError::Target)?;
            tracing::debug!(table = table.name, rows = rows.len(), "copied");
            progress(Progress::Copied { table: &table.name, rows: rows.len() as u64 });
        }
        reader.join().unwrap_or_else(|_| Err(panicked())).map_err(CopyError::Source)
    })
}

/// Both sides are read again, as they are now.
fn compare(
    source: &mut dyn Side,
    target: &mut dyn Side,
    table: &Table,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<CopiedTable, CopyError> {
    let (theirs, ours) = thread::scope(|scope| {
        let theirs = scope.spawn(|| fingerprint(source, table, &mut |_| {}));
        let ours = fingerprint(target, table, &mut |rows| {
            progress(Progress::Compared { table: &table.name, rows });
        });
        (theirs.join().unwrap_or_else(|_| Err(panicked())), ours)
    });
    let (theirs, ours) = (theirs.map_err(CopyError::Source)?, ours.map_err(CopyError::Target)?);
    if theirs != ours {
        return Err(CopyError::Rows(table.name.clone()));
    }
    tracing::debug!(table = table.name, rows = ours.rows, "compared");
    Ok(ours)
}

fn fingerprint(
    side: &mut dyn Side,
    table: &Table,
    progress: &mut dyn FnMut(u64),
) -> Result<CopiedTable, Fault> {
    let mut digest = Sha256::new();
    let mut count = 0;
    side.scan(&table.select(side.dialect().by_bytes), &mut |rows| {
        rows.iter().for_each(|row| row.digest(&mut digest));
        count += rows.len() as u64;
        progress(rows.len() as u64);
        true
    })?;
    Ok(CopiedTable { name: table.name.clone(), rows: count, digest: digest.finalize().into() })
}

fn panicked() -> Fault {
    Fault::new("the thread that read it panicked")
}
