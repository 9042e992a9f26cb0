use super::clauses::new;
use crate::Store;
use crate::macros::ensure_eq;
use crate::saw::Must;
use crate::users::add;

pub(super) async fn what_was_written_is_there_after_reopening(store: Store) {
    let ann = add(&store, "ann@example.com").await;
    let kept = store.api_keys.insert(new(ann.id, "bks_a")).await.must().into_inner().key;
    let gone = store.api_keys.insert(new(ann.id, "bks_b")).await.must().into_inner().key;
    store.api_keys.delete(ann.id, gone.id).await.must();
    let store = store.reopened().await;
    ensure_eq!(store.api_keys.list(ann.id).await.must(), [kept]);
}
