use bookshelf_domain::Made;

use super::clauses::{add, books, key};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::moment;
use crate::saw::Must;

pub(super) async fn what_was_written_is_there_after_reopening(store: Store) {
    let made = add(&store, key(1, 1), moment(0)).await.must().into_inner();
    let store = store.reopened().await;
    ensure_eq!(add(&store, key(1, 1), moment(1)).await.must(), Made::Before(made));
    ensure_eq!(books(&store).await, 1);
}
