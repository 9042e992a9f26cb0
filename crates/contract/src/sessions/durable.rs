use super::{found, login, open, rotate, rotation};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::moment;
use crate::saw::Must;
use crate::users::add;

pub(super) async fn what_was_written_is_there_after_reopening(store: Store) {
    let user = add(&store, "a@example.com").await;
    let live = open(&store, login(user.id, 1)).await;
    let ended = open(&store, login(user.id, 2)).await;
    rotate(&store, rotation(1, 3, 10)).await.must();
    store.sessions.end(user.id, ended.id, moment(20)).await.must();
    let before = (found(&store, live.id).await, found(&store, ended.id).await);
    let store = store.reopened().await;
    ensure_eq!((found(&store, live.id).await, found(&store, ended.id).await), before);
    // The successor is known.
    rotate(&store, rotation(3, 4, 30)).await.must();
}
