use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{NewSession, Role, SessionId, SessionUser, UserPatch, UserUpdate};
use chrono::TimeDelta;

use super::{found, login, open, rotate, rotation};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::{moment, next_id};
use crate::saw::Must;
use crate::users::add;

pub(super) async fn a_session_comes_back_as_it_was_opened(store: Store) {
    let user = add(&store, "a@example.com").await;
    let new = NewSession {
        user_agent: Some("Ünïcode/1.0 \"(x)\"".to_owned()),
        address: Some("2001:db8::1".to_owned()),
        at: moment(0) + TimeDelta::microseconds(123_456),
        ..login(user.id, 1)
    };
    let session = open(&store, new.clone()).await;
    ensure_eq!((session.user_id, session.ended_at), (user.id, None));
    ensure_eq!((&session.user_agent, &session.address), (&new.user_agent, &new.address));
    ensure_eq!((session.created_at, session.last_used_at), (new.at, new.at));
    ensure_eq!((session.idle_until, session.expires_at), (new.idle_until, new.expires_at));
    let found = store.sessions.find(session.id).await.must();
    ensure_eq!(found, Some(SessionUser { session, user }));
}

pub(super) async fn no_session_is_opened_without_a_user(store: Store) {
    let user = add(&store, "a@example.com").await;
    ensure_eq!(store.sessions.open(login(next_id(user.id), 1)).await.must(), None);
    store.users.delete(user.id, Expected::Any).await.must();
    ensure_eq!(store.sessions.open(login(user.id, 1)).await.must(), None);
}

pub(super) async fn there_is_no_session_where_none_was_opened(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    for id in [0, -1, id.get() + 1, i64::MAX].map(SessionId::new) {
        ensure_eq!(store.sessions.find(id).await.must(), None);
    }
}

pub(super) async fn a_session_comes_with_its_user_as_it_is_now(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    let patch = UserPatch { role: Some(Role::Admin), ..UserPatch::default() };
    let update = UserUpdate { id: user.id, expected: Expected::Any, patch, at: moment(5) };
    let promoted = store.users.update(update).await.must();
    ensure_eq!(store.sessions.find(id).await.must().must().user, promoted);
}

pub(super) async fn the_live_sessions_are_listed_the_one_used_last_first(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    let opened_at = |at, refresh| NewSession { at: moment(at), ..login(user.id, refresh) };
    let first = open(&store, opened_at(1, 1)).await;
    let second = open(&store, opened_at(2, 2)).await;
    let third = open(&store, opened_at(3, 3)).await;
    let idle = NewSession { idle_until: moment(30), ..opened_at(4, 4) };
    let old = NewSession { expires_at: moment(30), ..opened_at(5, 5) };
    let (idle, old) = (open(&store, idle).await, open(&store, old).await);
    open(&store, login(other.id, 6)).await;
    rotate(&store, rotation(1, 7, 20)).await.must();
    let listed = async |at| {
        let sessions = store.sessions.list_live(user.id, moment(at)).await.must();
        sessions.into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    ensure_eq!(listed(29).await, [first.id, old.id, idle.id, third.id, second.id]);
    ensure_eq!(listed(30).await, [first.id, third.id, second.id]);
    store.sessions.end(user.id, third.id, moment(31)).await.must();
    ensure_eq!(listed(32).await, [first.id, second.id]);
    let whole = store.sessions.list_live(user.id, moment(32)).await.must();
    ensure_eq!(whole, [found(&store, first.id).await, second]);
    ensure_eq!(store.sessions.list_live(user.id, moment(9000)).await.must(), []);
    ensure_eq!(store.sessions.list_live(next_id(other.id), moment(1)).await.must(), []);
}
