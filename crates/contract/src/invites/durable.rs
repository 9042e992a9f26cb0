use super::clauses::{accept, admin, found, guest, make, new};
use crate::Store;
use crate::macros::ensure_eq;
use crate::saw::Must;

pub(super) async fn what_was_written_is_there_after_reopening(store: Store) {
    let admin = admin(&store).await;
    let open = make(&store, new(admin.id, 1)).await;
    make(&store, new(admin.id, 2)).await;
    let ann = accept(&store, 2, guest("ann@example.com")).await.must().into_inner();
    let store = store.reopened().await;
    ensure_eq!(found(&store, 1).await, Some(open));
    ensure_eq!(found(&store, 2).await.must().used_by, Some(ann.id));
}
