//! Backups of a library on SQLite: one file with the database, the server's own secret and the
//! covers.
//!
//! The file is a tar archive with these members, in this order:
//!
//! | member | content |
//! |---|---|
//! | `bookshelf-backup.json` | the version of the format and of the program, and the time |
//! | `bookshelf.db` | the database, as it was at one moment |
//! | `jwt-secret` | the secret that signs access tokens, if the server has its own |
//! | `covers/thumb/<name>`, `covers/full/<name>` | the images of each cover |
//! | `end.json` | digests of the first three, and the number of covers |
//!
//! The name of a cover contains the digest of its images, so every byte of a backup is checked when it
//! is read. A backup that was cut short has no end.

mod archive;
mod reader;
mod snapshot;
mod writer;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bookshelf_domain::covers::{CoverHash, CoverImages, CoverName, CoverSize};
use bookshelf_domain::{StoreError, Timestamp};
use tempfile::{NamedTempFile, TempDir};

use crate::copy::DatabaseError;
use crate::sqlite::SqliteConfig;
pub use archive::BackupInfo;
use reader::Member;

/// Why a backup was not made, or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} cannot be written", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the database cannot be copied")]
    Database(#[source] DatabaseError),
    #[error("the covers cannot be read or written")]
    Covers(#[source] StoreError),
    /// The file is not a backup, or not one that this program reads.
    #[error("{} is not a backup that this version reads: {why}", path.display())]
    Unknown { path: PathBuf, why: String },
    /// The file is a backup, and a part of it is missing or changed.
    #[error("{} is damaged: {why}", path.display())]
    Damaged { path: PathBuf, why: String },
    #[error("{} exists already; restore into an empty data directory", .0.display())]
    NotEmpty(PathBuf),
}

/// Computes the digest that the name of a cover contains.
pub type HashCover = fn(&CoverImages) -> CoverHash;

/// Reads an image of a cover from the store of covers.
pub type ReadCover<'a> =
    &'a mut dyn FnMut(CoverName, CoverSize) -> Result<Option<Vec<u8>>, StoreError>;

/// Puts a cover into the store of covers.
pub type PutCover<'a> = &'a mut dyn FnMut(CoverName, CoverImages) -> Result<(), StoreError>;

/// The files of a library.
#[derive(Debug, Clone)]
pub struct LibraryFiles {
    pub database: SqliteConfig,
    /// The file of the secret that the server makes for itself; see
    /// [`JwtSecret::path`](crate::accounts::JwtSecret::path).
    pub secret: PathBuf,
}

impl LibraryFiles {
    /// The files that must not exist where a backup is restored. SQLite would take the writes in a log
    /// or a journal of another database over into the restored one.
    fn in_the_way(&self) -> [PathBuf; 4] {
        let database = &self.database.path;
        let beside = |ending| {
            let mut path = database.clone().into_os_string();
            path.push(ending);
            PathBuf::from(path)
        };
        [database.clone(), beside("-wal"), beside("-journal"), self.secret.clone()]
    }
}

/// What a backup contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSummary {
    pub bytes: u64,
    pub covers: u64,
    /// Covers that a book refers to and the store does not have. They are not in the backup.
    pub missing_covers: Vec<CoverName>,
}

/// Makes a backup while servers may be writing, reads it again from the disk, and only then gives it
/// its name. An earlier file of that name is replaced.
///
/// It blocks the thread.
pub fn create(
    files: &LibraryFiles,
    backup: &Path,
    now: Timestamp,
    read_cover: ReadCover<'_>,
    hash_cover: HashCover,
) -> Result<BackupSummary, BackupError> {
    let beside = folder_beside(backup)?;
    let database = beside.path().join("database");
    snapshot::take(&files.database, &database)?;
    let covers = snapshot::covers(&database)?;
    let made = beside.path().join("backup");
    let missing_covers = writer::write(&made, &database, &files.secret, &covers, now, read_cover)?;
    check(&made, hash_cover)?;
    let bytes = made.metadata().map_err(|source| read_error(&made, source))?.len();
    rename(&made, backup)?;
    let covers = covers.len().saturating_sub(missing_covers.len()) as u64;
    Ok(BackupSummary { bytes, covers, missing_covers })
}

/// Copies a database as it is at one moment, while others may be writing. The copy is checked, and gets
/// its name when it is complete. It has no free pages and no write-ahead log.
pub fn copy_database(database: &SqliteConfig, copy: &Path) -> Result<(), BackupError> {
    let beside = folder_beside(copy)?;
    let made = beside.path().join("database");
    snapshot::take(database, &made)?;
    rename(&made, copy)
}

/// Reads a whole backup and checks every byte of it.
pub fn check(backup: &Path, hash_cover: HashCover) -> Result<BackupInfo, BackupError> {
    reader::read(backup, hash_cover, &mut |member| match member {
        Member::Database(content) => drain(content).map_err(|source| read_error(backup, source)),
        Member::Secret(_) | Member::Cover(..) => Ok(()),
    })
}

/// Restores a backup where there is no library yet. The backup is checked first. The secret and the
/// database get their names last, so that no server can start on a part of a library. If it fails, at
/// most some covers are there, which do not prevent another attempt.
///
/// It blocks the thread.
pub fn restore(
    backup: &Path,
    files: &LibraryFiles,
    put_cover: PutCover<'_>,
    hash_cover: HashCover,
) -> Result<BackupInfo, BackupError> {
    if let Some(path) = files.in_the_way().into_iter().find(|path| path.exists()) {
        return Err(BackupError::NotEmpty(path));
    }
    let info = check(backup, hash_cover)?;
    let unwritable = |path: &Path, source| BackupError::Write { path: path.to_owned(), source };
    let database = private_file_beside(&files.database.path)?;
    let mut secret = None;
    reader::read(backup, hash_cover, &mut |member| match member {
        Member::Database(content) => io::copy(content, &mut database.as_file())
            .map(drop)
            .map_err(|source| unwritable(database.path(), source)),
        Member::Secret(text) => {
            let mut file = private_file_beside(&files.secret)?;
            let written = file.write_all(&text);
            written.map_err(|source| unwritable(file.path(), source))?;
            secret = Some(file);
            Ok(())
        }
        Member::Cover(name, images) => put_cover(name, images).map_err(BackupError::Covers),
    })?;
    let place = |file: NamedTempFile, path: &Path| {
        let placed = file.as_file().sync_all().and_then(|()| {
            file.persist_noclobber(path)?;
            File::open(folder_of(path))?.sync_all()
        });
        placed.map_err(|source| unwritable(path, source))
    };
    if let Some(secret) = secret {
        place(secret, &files.secret)?;
    }
    place(database, &files.database.path)?;
    Ok(info)
}

/// Creates a file in the folder of `path`. Only its owner may read it, and it is deleted unless it
/// gets a name.
fn private_file_beside(path: &Path) -> Result<NamedTempFile, BackupError> {
    let folder = folder_of(path);
    let created = tempfile::Builder::new().prefix(".bookshelf-").tempfile_in(folder);
    created.map_err(|source| BackupError::Write { path: folder.to_owned(), source })
}

/// Creates a file that only its owner may read: it holds password hashes or secrets.
fn create_private(path: &Path) -> Result<File, BackupError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    created.map_err(|source| BackupError::Write { path: path.to_owned(), source })
}

/// Creates a folder beside a file that is to be made. It is deleted with all that is left in it.
fn folder_beside(path: &Path) -> Result<TempDir, BackupError> {
    let made = tempfile::Builder::new().prefix(".bookshelf-").tempdir_in(folder_of(path));
    made.map_err(|source| BackupError::Write { path: path.to_owned(), source })
}

/// Gives a complete file its name, on the disk too.
fn rename(made: &Path, path: &Path) -> Result<(), BackupError> {
    let renamed = fs::rename(made, path).and_then(|()| File::open(folder_of(path))?.sync_all());
    renamed.map_err(|source| BackupError::Write { path: path.to_owned(), source })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn read_error(path: &Path, source: io::Error) -> BackupError {
    BackupError::Read { path: path.to_owned(), source }
}

fn drain(content: &mut dyn Read) -> io::Result<()> {
    io::copy(content, &mut io::sink()).map(drop)
}
