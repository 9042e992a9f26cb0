use bookshelf_domain::accounts::{NewSession, RotationError};

use super::{found, login, open, rotate, rotation};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::moment;
use crate::saw::Must;
use crate::users::add;

pub(super) async fn only_sessions_dead_since_before_are_forgotten(store: Store) {
    let user = add(&store, "a@example.com").await;
    let ended = open(&store, login(user.id, 1)).await.id;
    store.sessions.end(user.id, ended, moment(100)).await.must();
    let idle = NewSession { idle_until: moment(200), ..login(user.id, 2) };
    let idle = open(&store, idle).await.id;
    let old = NewSession { expires_at: moment(300), ..login(user.id, 3) };
    let old = open(&store, old).await.id;
    let live = open(&store, login(user.id, 4)).await;
    for (before, forgotten, gone) in [
        (100, 0, None),
        (101, 1, Some(ended)),
        (200, 0, None),
        (201, 1, Some(idle)),
        (300, 0, None),
        (301, 1, Some(old)),
        (999, 0, None),
    ] {
        let purged = store.sessions.purge(moment(before), 100).await.must();
        ensure_eq!(purged, forgotten, "before {before}");
        if let Some(gone) = gone {
            ensure_eq!(store.sessions.find(gone).await.must(), None);
        }
    }
    ensure_eq!(found(&store, live.id).await, live);
}

pub(super) async fn tokens_are_forgotten_with_their_session(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    rotate(&store, rotation(1, 2, 10)).await.must();
    store.sessions.end(user.id, id, moment(20)).await.must();
    ensure_eq!(store.sessions.purge(moment(30), 100).await.must(), 1);
    for shown in [1, 2] {
        let answer = rotate(&store, rotation(shown, 3, 31)).await;
        ensure!(matches!(answer, Err(RotationError::Unknown)), "{answer:?}");
    }
}

pub(super) async fn a_purge_takes_no_more_than_its_limit(store: Store) {
    let user = add(&store, "a@example.com").await;
    for refresh in 1..=10 {
        open(&store, login(user.id, refresh)).await;
    }
    store.sessions.end_all(user.id, moment(10)).await.must();
    for forgotten in [4, 4, 2, 0] {
        ensure_eq!(store.sessions.purge(moment(20), 4).await.must(), forgotten);
    }
}
