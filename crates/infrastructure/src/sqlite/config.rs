use std::path::PathBuf;
use std::time::Duration;

/// How a database file is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The file; it is made when it does not exist, its folder is not.
    pub path: PathBuf,
    /// How long to wait for a lock that another process holds.
    pub busy_timeout: Duration,
    /// How many point reads may wait.
    pub read_queue: usize,
    /// How many slow reads may wait.
    pub scan_queue: usize,
    /// How many writes may wait.
    pub write_queue: usize,
}

impl SqliteConfig {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            busy_timeout: Duration::from_secs(5),
            read_queue: 4096,
            scan_queue: 256,
            write_queue: 4096,
        }
    }
}
