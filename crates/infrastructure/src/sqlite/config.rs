use std::path::PathBuf;
use std::time::Duration;

/// How a database file is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The file. It is created if it is missing, but its folder is not.
    pub path: PathBuf,
    /// How long to wait for a lock that another process holds.
    pub busy_timeout: Duration,
    /// How long a slow read may run. At a million books, the slowest search takes less than a second.
    pub scan_timeout: Duration,
    /// The number of point reads that may wait.
    pub read_queue: usize,
    /// The number of slow reads that may wait.
    pub scan_queue: usize,
    /// The number of writes that may wait.
    pub write_queue: usize,
}

impl SqliteConfig {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            busy_timeout: Duration::from_secs(5),
            scan_timeout: Duration::from_secs(3),
            read_queue: 4096,
            scan_queue: 256,
            write_queue: 4096,
        }
    }
}
