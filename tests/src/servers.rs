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

/// Says once what is left out, where it is seen: not even a test that passes keeps it to itself.
pub(crate) fn leave_out(what: &'static str) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap().insert(what) {
        writeln!(io::stderr(), "left out: {what}").unwrap();
    }
}

/// A word that no other test uses, in this run or another.
pub fn unique() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
