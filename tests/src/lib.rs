//! What the tests of the whole share: every repository in memory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

pub mod fake;
