use bookshelf_domain::accounts::RotationError;

use super::{found, login, open, rotation, token};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{moment, next_id};
use crate::saw::Must;
use crate::users::add;

pub(super) async fn a_refresh_token_ends_its_session_spent_or_not(store: Store) {
    let user = add(&store, "a@example.com").await;
    for (first, shown) in [(1, 1), (3, 3), (5, 6)] {
        let session = open(&store, login(user.id, first)).await;
        let kept = open(&store, login(user.id, first + 100)).await;
        if first > 1 {
            // Now `first` is spent.
            store.sessions.rotate(rotation(first, first + 1, 5)).await.must();
        }
        let ended = store.sessions.end_by_token(token(shown), moment(10)).await.must();
        ensure_eq!((ended.id, ended.ended_at), (session.id, Some(moment(10))));
        ensure_eq!(found(&store, session.id).await, ended);
        ensure_eq!(found(&store, kept.id).await, kept);
        let answer = store.sessions.rotate(rotation(shown, 50, 11)).await;
        ensure!(matches!(answer, Err(RotationError::Ended)), "{answer:?}");
    }
}

pub(super) async fn what_has_ended_cannot_be_ended_by_a_token(store: Store) {
    let user = add(&store, "a@example.com").await;
    let session = open(&store, login(user.id, 1)).await;
    let answer = store.sessions.end_by_token(token(2), moment(10)).await;
    ensure!(matches!(answer, Err(RotationError::Unknown)), "{answer:?}");
    let answer = store.sessions.end_by_token(token(1), moment(1000)).await;
    ensure!(matches!(answer, Err(RotationError::Expired)), "{answer:?}");
    ensure_eq!(found(&store, session.id).await, session);
    store.sessions.end(user.id, session.id, moment(10)).await.must();
    let answer = store.sessions.end_by_token(token(1), moment(11)).await;
    ensure!(matches!(answer, Err(RotationError::Ended)), "{answer:?}");
    ensure_eq!(found(&store, session.id).await.ended_at, Some(moment(10)));
}

pub(super) async fn a_session_ends_once(store: Store) {
    let user = add(&store, "a@example.com").await;
    let session = open(&store, login(user.id, 1)).await;
    ensure!(store.sessions.end(user.id, session.id, moment(10)).await.must());
    ensure_eq!(found(&store, session.id).await.ended_at, Some(moment(10)));
    ensure!(!store.sessions.end(user.id, session.id, moment(20)).await.must());
    ensure_eq!(found(&store, session.id).await.ended_at, Some(moment(10)));
    ensure!(!store.sessions.end(user.id, next_id(session.id), moment(20)).await.must());
}

pub(super) async fn only_its_owner_can_end_a_session(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    let session = open(&store, login(user.id, 1)).await;
    ensure!(!store.sessions.end(other.id, session.id, moment(10)).await.must());
    ensure_eq!(store.sessions.end_all(other.id, moment(10)).await.must(), 0);
    ensure_eq!(found(&store, session.id).await, session);
}

pub(super) async fn a_session_past_its_limits_cannot_be_ended(store: Store) {
    let user = add(&store, "a@example.com").await;
    let session = open(&store, login(user.id, 1)).await;
    ensure!(!store.sessions.end(user.id, session.id, moment(1000)).await.must());
    ensure_eq!(store.sessions.end_all(user.id, moment(1000)).await.must(), 0);
    ensure_eq!(found(&store, session.id).await, session);
    ensure!(store.sessions.end(user.id, session.id, moment(999)).await.must());
}

pub(super) async fn every_live_session_of_a_user_ends_together(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    let first = open(&store, login(user.id, 1)).await;
    let second = open(&store, login(user.id, 2)).await;
    let third = open(&store, login(user.id, 3)).await;
    let foreign = open(&store, login(other.id, 4)).await;
    store.sessions.end(user.id, first.id, moment(5)).await.must();
    ensure_eq!(store.sessions.end_all(user.id, moment(10)).await.must(), 2);
    ensure_eq!(found(&store, first.id).await.ended_at, Some(moment(5)));
    ensure_eq!(found(&store, second.id).await.ended_at, Some(moment(10)));
    ensure_eq!(found(&store, third.id).await.ended_at, Some(moment(10)));
    ensure_eq!(found(&store, foreign.id).await, foreign);
    ensure_eq!(store.sessions.end_all(user.id, moment(11)).await.must(), 0);
}

pub(super) async fn of_simultaneous_ends_one_counts(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    let ended = store
        .at_once(20, |_| {
            let (sessions, user) = (store.sessions.clone(), user.id);
            async move { sessions.end(user, id, moment(10)).await.must() }
        })
        .await;
    ensure_eq!(ended.into_iter().filter(|ended| *ended).count(), 1);
}
