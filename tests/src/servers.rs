//! The servers that tests are given; `make test` brings them.

use std::collections::BTreeSet;
use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::sync::Mutex;

/// The URL of the Redis to test on. It may have been used before, so keys are to be [`unique`].
pub fn redis() -> Option<String> {
    let url = env::var("TEST_REDIS_URL").ok();
    if url.is_none() {
        leave_out("tests on Redis: TEST_REDIS_URL is not set (make test brings one)");
    }
    url
}

/// The URL of the PostgreSQL to test on, as somebody who may make databases.
pub fn postgres() -> Option<String> {
    let url = env::var("TEST_DATABASE_URL").ok();
    if url.is_none() {
        leave_out("tests on PostgreSQL: TEST_DATABASE_URL is not set (make test brings one)");
    }
    url
}

/// Says once what is left out.
fn leave_out(what: &'static str) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap().insert(what) {
        // Not by eprintln, whose text a test harness keeps to itself when the test passes.
        io::stderr().write_all(format!("left out: {what}\n").as_bytes()).unwrap();
    }
}

/// A word that no other test uses, in this run or another.
pub fn unique() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
