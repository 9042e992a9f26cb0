use std::env;
use std::fs;
use std::path::Path;
use std::process;
use std::sync::{Arc, LazyLock};

use crate::{TestDatabase, store};

/// Where the server of a test keeps its data: empty and migrated.
#[derive(Clone)]
pub(super) enum Database {
    /// A file in the data directory, where the server looks by default.
    Sqlite,
    /// Dropped with the last server on it.
    Postgres(Arc<TestDatabase>),
}

pub(super) const FILE: &str = "data/bookshelf.db";

/// On PostgreSQL, where several servers have to agree on it, none makes its own.
const JWT_SECRET: &str = "a secret that is shared by every server of a test";

impl Database {
    /// Makes the one that this test target is about.
    pub(super) fn make(folder: &Path) -> Self {
        if !on_postgres() {
            fs::write(folder.join(FILE), store::migrated()).unwrap();
            return Self::Sqlite;
        }
        match TestDatabase::create() {
            Some(database) => Self::Postgres(Arc::new(database)),
            // The test harness knows no test that is left out while it runs. Without PostgreSQL every
            // test here is, so this is the end of all of them.
            None => process::exit(0),
        }
    }

    /// What tells the server of it.
    pub(super) fn settings(&self) -> Vec<(&str, &str)> {
        match self {
            Self::Sqlite => Vec::new(),
            Self::Postgres(database) => {
                vec![("DATABASE_URL", database.url()), ("BOOKSHELF_JWT_SECRET", JWT_SECRET)]
            }
        }
    }
}

/// Whether these tests are those on PostgreSQL: the target `http_postgres` is `http` once more.
pub fn on_postgres() -> bool {
    static ANSWER: LazyLock<bool> = LazyLock::new(|| {
        // <target>/<profile>/deps/<name>-<hash>
        let executable = env::current_exe().unwrap();
        let name = executable.file_name().unwrap().to_str().unwrap();
        name.starts_with("http_postgres-")
    });
    *ANSWER
}
