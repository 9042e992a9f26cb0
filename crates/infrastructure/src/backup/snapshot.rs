use std::path::Path;

use bookshelf_domain::covers::CoverName;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::BackupError;
use crate::copy::DatabaseError;
use crate::sqlite::{Purpose, SqliteConfig, connect};

/// Copies a database as it is at one moment, and checks the copy. The copy is on the disk when this
/// returns.
pub(super) fn take(database: &SqliteConfig, copy: &Path) -> Result<(), BackupError> {
    let into = || -> Result<(), DatabaseError> {
        if !database.path.is_file() {
            let path = database.path.display();
            return Err(DatabaseError::new(format!("there is no file {path}")));
        }
        let path = copy.to_str().ok_or_else(|| DatabaseError::new("its path is not UTF-8"))?;
        let mut connection = connect(database, Purpose::Write)?;
        sql_query("VACUUM INTO ?").bind::<Text, _>(path).execute(&mut connection)?;
        let faults = integrity(&mut open(copy)?)?;
        match faults.first() {
            Some(fault) => Err(DatabaseError::new(format!("the copy is damaged: {fault}"))),
            None => Ok(()),
        }
    };
    into().map_err(BackupError::Database)?;
    let synced = std::fs::File::open(copy).and_then(|file| file.sync_all());
    synced.map_err(|source| BackupError::Write { path: copy.to_owned(), source })
}

/// The covers that the books of a copy refer to.
pub(super) fn covers(copy: &Path) -> Result<Vec<CoverName>, BackupError> {
    let query = "SELECT cover AS text FROM books WHERE cover IS NOT NULL ORDER BY id";
    let covers = open(copy).and_then(|mut connection| texts(&mut connection, query));
    let covers = covers.map_err(BackupError::Database)?;
    Ok(covers.iter().filter_map(|name| name.parse().ok()).collect())
}

/// What SQLite finds wrong with a file: nothing, or a line for each fault.
fn integrity(connection: &mut SqliteConnection) -> Result<Vec<String>, DatabaseError> {
    let query = "SELECT integrity_check AS text FROM pragma_integrity_check";
    let mut lines = texts(connection, query)?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

fn open(path: &Path) -> Result<SqliteConnection, DatabaseError> {
    Ok(connect(&SqliteConfig::new(path), Purpose::Scan)?)
}

fn texts(connection: &mut SqliteConnection, query: &str) -> Result<Vec<String>, DatabaseError> {
    let rows: Vec<Line> = sql_query(query).load(connection)?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}
