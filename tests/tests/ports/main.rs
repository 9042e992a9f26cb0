//! The contract of every repository port: each MUST clause of its documentation is a test, written
//! once and run against every store.
//!
//! To add a test, write `async fn it_does_so(store: Store)` and name it in the `contract!` of its
//! file. `cargo test -p bookshelf-tests sqlite` runs one store alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

/// Makes each of the tests named a test of every store, each time an empty one.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        contract!(@on memory, Some(bookshelf_tests::Store::memory()), $($test),+);
        contract!(@on sqlite, Some(bookshelf_tests::Store::sqlite()), $($test),+);
        contract!(@on postgres, bookshelf_tests::Store::postgres(), $($test),+);
    };
    (@on $name:ident, $store:expr, $($test:ident),+) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    // There may be no server to test on, which says so itself.
                    let Some(store) = $store else { return };
                    super::$test(store).await;
                }
            )+
        }
    };
}

mod api_keys;
mod at_once;
mod books;
mod covers;
mod idempotency;
mod invites;
mod limits;
mod migrations;
mod model;
mod passwords;
mod sample;
mod schemas;
mod sessions;
mod shelves;
mod tokens;
mod users;
