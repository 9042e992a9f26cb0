//! Backups of a library on SQLite: on demand, before a migration, and regularly.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, io, thread};

use bookshelf_application::covers;
use bookshelf_domain::covers::CoverStore;
use bookshelf_domain::{Clock, Timestamp};
use bookshelf_infrastructure::accounts::JwtSecret;
use bookshelf_infrastructure::backup::{self, BackupInfo, BackupSummary, LibraryFiles};
use bookshelf_infrastructure::covers::ObjectCoverStore;
use bookshelf_infrastructure::sqlite::SqliteConfig;
use bookshelf_infrastructure::system::SystemClock;
use bookshelf_metrics::{LAST_BACKUP, gauge};
use tokio::runtime::Runtime;

use crate::commands::runtime;
use crate::failure::Failure;
use crate::services::cover_store;
use crate::settings::{Database, Settings};

/// The names of the copies that are made before a migration, and how many are kept.
const BEFORE_MIGRATION: &str = "before-migration-";
const KEPT_BEFORE_MIGRATION: usize = 2;

/// The names of regular backups.
const REGULAR: &str = "bookshelf-";

/// How soon a failed regular backup is made again, at the latest.
const RETRY: Duration = Duration::from_secs(10 * 60);

/// Makes and restores the backups of a library.
pub(crate) struct Backups {
    files: LibraryFiles,
    store: ObjectCoverStore,
    /// Drives the store of covers.
    runtime: Runtime,
}

impl Backups {
    /// Refuses PostgreSQL, and says what to use instead.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Failure> {
        let Database::Sqlite(path) = &settings.database_url else {
            return Err(Failure::Usage(
                "a backup of PostgreSQL is made with its own tools: run \"pg_dump --format=custom \
                 --file=bookshelf.dump DATABASE\" and copy the covers afterwards; \
                 docs/operations.md describes it"
                    .to_owned(),
            ));
        };
        let files = LibraryFiles {
            database: SqliteConfig::new(path),
            secret: JwtSecret::path(&settings.data_dir),
        };
        Ok(Self { files, store: cover_store(settings)?, runtime: runtime()? })
    }

    pub(crate) fn create(&self, file: &Path) -> Result<BackupSummary, Failure> {
        let mut read = |name, size| self.runtime.block_on(self.store.get(name, size));
        let now = SystemClock.now();
        let made = backup::create(&self.files, file, now, &mut read, covers::hash);
        made.map_err(|error| Failure::because("no backup was made", &error))
    }

    pub(crate) fn restore(&self, file: &Path) -> Result<BackupInfo, Failure> {
        let mut put = |name, images| self.runtime.block_on(self.store.put(name, images));
        let restored = backup::restore(file, &self.files, &mut put, covers::hash);
        restored.map_err(|error| Failure::because("the backup was not restored", &error))
    }
}

/// Copies the database into the data directory before it is migrated, and deletes older copies.
pub(crate) fn copy_before_migration(settings: &Settings, database: &Path) -> Result<(), Failure> {
    let folder = &settings.data_dir;
    let copy = folder.join(format!("{BEFORE_MIGRATION}{}.db", stamp(SystemClock.now())));
    backup::copy_database(&SqliteConfig::new(database), &copy).map_err(|error| {
        Failure::because(
            "the database was not migrated, because no copy of it could be made before \
             (backup_before_migration)",
            &error,
        )
    })?;
    tracing::info!(copy = %copy.display(), "copied the database before its migration");
    keep_newest(folder, BEFORE_MIGRATION, ".db", KEPT_BEFORE_MIGRATION);
    Ok(())
}

/// Makes regular backups on a thread of its own, if the settings ask for them.
pub(crate) fn start_regular(settings: &Settings) -> Result<(), Failure> {
    let Some(folder) = settings.backup_dir.clone() else { return Ok(()) };
    let backups = Backups::of(settings)?;
    let (every, keep) = (settings.backup_every, settings.backup_keep);
    fs::create_dir_all(&folder).map_err(|error| {
        Failure::because(format_args!("cannot create {}", folder.display()), &error)
    })?;
    let regular = Regular { backups, folder, every, keep };
    let spawned = thread::Builder::new().name("backups".to_owned()).spawn(move || regular.run());
    spawned.map(drop).map_err(|error| Failure::because("cannot make backups", &error))
}

struct Regular {
    backups: Backups,
    folder: PathBuf,
    every: Duration,
    keep: usize,
}

impl Regular {
    /// A backup is due when the newest one is old enough, so that a restart causes no additional one.
    fn run(&self) {
        gauge!(LAST_BACKUP.name).set(0);
        loop {
            let last = newest(&self.folder, REGULAR, ".tar");
            if let Some(since_epoch) =
                last.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok())
            {
                gauge!(LAST_BACKUP.name).set(since_epoch.as_secs_f64());
            }
            let age = last.and_then(|at| at.elapsed().ok());
            let due = age.map_or(Duration::ZERO, |age| self.every.saturating_sub(age));
            thread::sleep(due);
            let file = self.folder.join(format!("{REGULAR}{}.tar", stamp(SystemClock.now())));
            match self.backups.create(&file) {
                Ok(BackupSummary { bytes, covers, missing_covers }) => {
                    let missing_covers = missing_covers.len();
                    tracing::info!(file = %file.display(), bytes, covers, missing_covers, "made a backup");
                    keep_newest(&self.folder, REGULAR, ".tar", self.keep);
                }
                Err(failure) => {
                    tracing::error!(error = %failure, "a regular backup failed");
                    thread::sleep(self.every.min(RETRY));
                }
            }
        }
    }
}

/// Names sort by time.
fn stamp(now: Timestamp) -> String {
    now.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The files whose names begin and end like this, the oldest first. Files from the future are left out:
/// the clock was wrong when they were made, and nothing new would ever be newer.
fn files(folder: &Path, beginning: &str, end: &str) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let now = stamp(SystemClock.now());
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let stamp = name.strip_prefix(beginning).and_then(|rest| rest.strip_suffix(end));
        if stamp.is_some_and(|stamp| is_stamp(stamp) && stamp <= now.as_str()) {
            files.push(folder.join(&*name));
        }
    }
    files.sort();
    Ok(files)
}

fn is_stamp(text: &str) -> bool {
    let like = |(c, form): (char, char)| if form == '0' { c.is_ascii_digit() } else { c == form };
    const FORM: &str = "00000000T000000Z";
    text.len() == FORM.len() && text.chars().zip(FORM.chars()).all(like)
}

fn newest(folder: &Path, beginning: &str, end: &str) -> Option<SystemTime> {
    files(folder, beginning, end).ok()?.last()?.metadata().ok()?.modified().ok()
}

/// Deletes all but the newest files. A failure is only logged: the new file is there.
fn keep_newest(folder: &Path, beginning: &str, end: &str, keep: usize) {
    let deleted = files(folder, beginning, end).and_then(|files| {
        let old = files.len().saturating_sub(keep);
        files.iter().take(old).try_for_each(fs::remove_file)
    });
    if let Err(error) = deleted {
        tracing::warn!(%error, folder = %folder.display(), "old backups were not deleted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_oldest_files_of_the_same_kind_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let future = "bookshelf-29991231T000000Z.tar";
        let others = ["bookshelf-old.tar", "bookshelf-20250101T000000Z.tar.gz", "x.tar", future];
        let stamps = ["20251127T080000Z", "20251128T080000Z", "20241128T080000Z"];
        let ours = stamps.map(|stamp| format!("bookshelf-{stamp}.tar"));
        for name in others.iter().copied().chain(ours.iter().map(String::as_str)) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        keep_newest(folder.path(), REGULAR, ".tar", 2);
        let left = files(folder.path(), REGULAR, ".tar").unwrap();
        assert_eq!(left, [&ours[0], &ours[1]].map(|name| folder.path().join(name)));
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
    }
}
