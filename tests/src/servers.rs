//! The servers that tests run against; `make test` starts them.

use std::collections::BTreeSet;
use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::sync::Mutex;

/// The URL of the Redis to test on. It may contain keys of earlier runs, so a test makes its keys
/// [`unique`].
pub fn redis() -> Option<String> {
    let url = env::var("TEST_REDIS_URL").ok();
    if url.is_none() {
        leave_out("tests on Redis: TEST_REDIS_URL is not set (make test starts one)");
    }
    url
}

/// The URL of the PostgreSQL to test on, with a user who may create databases.
pub fn postgres() -> Option<String> {
    let url = env::var("TEST_DATABASE_URL").ok();
    if url.is_none() {
        leave_out("tests on PostgreSQL: TEST_DATABASE_URL is not set (make test starts one)");
    }
    url
}

/// The folder with the programs of PostgreSQL, for tests that stop a server.
pub fn postgres_programs() -> Option<String> {
    let folder = env::var("TEST_POSTGRES_PROGRAMS").ok();
    if folder.is_none() {
        leave_out(
            "tests that stop PostgreSQL: TEST_POSTGRES_PROGRAMS is not set (make test sets it)",
        );
    }
    folder
}

/// Prints once which tests are left out.
fn leave_out(what: &'static str) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap().insert(what) {
        // The test harness hides what eprintln prints in a test that passes.
        io::stderr().write_all(format!("left out: {what}\n").as_bytes()).unwrap();
    }
}

/// Returns a word that no other test uses, in this run or another.
pub fn unique() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
