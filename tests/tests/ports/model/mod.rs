//! Any sequence of operations has the same answers as in the fake.

mod accounts;
mod books;
mod large;
mod shelves;
mod text;

use bookshelf_tests::store;
use proptest::collection::vec;
use proptest::prelude::*;

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_catalogue_in_sqlite(steps in vec(books::step(), 1..40)) {
        block_on(books::answers_like_the_fake(store::sqlite(), steps));
    }

    #[test]
    fn the_shelves_in_sqlite(steps in vec(shelves::step(), 1..40)) {
        block_on(shelves::answer_like_the_fake(store::sqlite(), steps));
    }

    #[test]
    fn the_accounts_in_sqlite(steps in vec(accounts::step(), 1..80)) {
        block_on(accounts::answers_like_the_fake(store::sqlite(), steps));
    }
}

// Each case takes a database of its own, which costs more than all that is done in it.
proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_catalogue_in_postgres(steps in vec(books::step(), 1..80)) {
        if let Some(store) = store::postgres() {
            block_on(books::answers_like_the_fake(store, steps));
        }
    }

    #[test]
    fn the_accounts_in_postgres(steps in vec(accounts::step(), 1..160)) {
        if let Some(store) = store::postgres() {
            block_on(accounts::answers_like_the_fake(store, steps));
        }
    }
}

#[test]
fn a_large_catalogue_in_sqlite() {
    block_on(large::answers_like_the_fake(store::sqlite()));
}

#[test]
fn a_large_catalogue_in_postgres() {
    if let Some(store) = store::postgres() {
        block_on(large::answers_like_the_fake(store));
    }
}
