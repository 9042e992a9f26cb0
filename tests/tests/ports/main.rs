//! Our adapters under the contracts of their ports, and what else is to say about each.
//!
//! The clauses are in `bookshelf-contract`. `cargo test -p bookshelf-tests --test ports sqlite` runs
//! those of one adapter.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use bookshelf_tests::store;

/// Makes a test of each clause about repositories, each time on an empty database.
macro_rules! repositories {
    ($adapter:ident, $factory:expr) => {
        mod $adapter {
            use super::store;

            repositories! {
                @each $factory,
                api_keys books idempotency invites sessions shelves users
            }
        }
    };
    (@each $factory:expr, $($module:ident)+) => {
        $(
            mod $module {
                use super::store;

                bookshelf_contract::tests!(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                    $module,
                    $factory,
                );
            }
        )+
    };
}

repositories!(memory, || async { store::memory() });
repositories!(sqlite, || async { store::sqlite() });
repositories!(postgres, || async { store::postgres() });

mod covers;
mod limits;
mod migrations;
mod model;
mod passwords;
mod schemas;
mod tokens;
