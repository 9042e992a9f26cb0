use std::env;
use std::fs;
use std::path::Path;
use std::process;
use std::sync::{Arc, LazyLock};

use crate::{TestDatabase, store};

/// The database of a test's server. At the beginning it is migrated and empty.
#[derive(Clone)]
pub(super) enum Database {
    /// The file in the data directory that the server opens by default.
    Sqlite,
    /// Dropped together with the last server that uses it.
    Postgres(Arc<TestDatabase>),
    /// The only database of a server that the test has for itself.
    Own(String),
}

pub(super) const FILE: &str = "data/bookshelf.db";

/// PostgreSQL may have several servers, which must share a secret, so no server makes its own there.
const JWT_SECRET: &str = "a secret that is shared by every server of a test";

impl Database {
    /// Makes a database of the kind that this test target tests.
    pub(super) fn make(folder: &Path) -> Self {
        if !on_postgres() {
            fs::write(folder.join(FILE), store::migrated()).unwrap();
            return Self::Sqlite;
        }
        match TestDatabase::create() {
            Some(database) => Self::Postgres(Arc::new(database)),
            // A running test cannot be marked as left out. Without PostgreSQL no test of this target
            // can run, so the whole target ends here.
            None => process::exit(0),
        }
    }

    /// The settings with which a server uses this database.
    pub(super) fn settings(&self) -> Vec<(&str, &str)> {
        let settings = |url| vec![("DATABASE_URL", url), ("BOOKSHELF_JWT_SECRET", JWT_SECRET)];
        match self {
            Self::Sqlite => Vec::new(),
            Self::Postgres(database) => settings(database.url()),
            Self::Own(url) => settings(url),
        }
    }
}

/// Whether this test target runs on PostgreSQL. The target `http_postgres` contains the same tests as
/// `http`, and `client_postgres` the same as `client`.
pub fn on_postgres() -> bool {
    static ANSWER: LazyLock<bool> = LazyLock::new(|| {
        // <target>/<profile>/deps/<name>-<hash>
        let executable = env::current_exe().unwrap();
        let name = executable.file_name().unwrap().to_str().unwrap();
        name.split_once('-').is_some_and(|(target, _)| target.ends_with("_postgres"))
    });
    *ANSWER
}
