use bookshelf_domain::accounts::{
    NewUser, PasswordHash, PasswordUpdate, Role, RotationError, SessionId, UserError, UserId,
};

use super::{add, found};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{moment, next_id};
use crate::saw::Must;
use crate::sessions::{login, open, rotation};

/// A change from the hash with which every user of these tests begins.
fn update(id: UserId, new: PasswordHash, keep: Option<SessionId>, at: i64) -> PasswordUpdate {
    let verified = super::user("a@example.com", Role::User).password_hash;
    PasswordUpdate { id, verified, new, keep, at: moment(at) }
}

pub(super) async fn the_new_hash_takes_the_place_of_the_old_one(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    let hash = PasswordHash::new("second hash");
    store.users.set_password(update(user.id, hash.clone(), None, 1)).await.must();
    ensure_eq!(store.users.credentials(user.id).await.must().must().password_hash, hash);
    let by_email = store.users.find_by_email(user.email).await.must().must();
    ensure_eq!(by_email.password_hash, hash);
    let untouched = store.users.credentials(other.id).await.must().must().password_hash;
    ensure_eq!(untouched, super::user("b@example.com", Role::User).password_hash);
}

pub(super) async fn the_resource_stays_as_it_is(store: Store) {
    let user = add(&store, "a@example.com").await;
    let hash = PasswordHash::new("second hash");
    store.users.set_password(update(user.id, hash, None, 1)).await.must();
    ensure_eq!(found(&store, user.id).await.version, user.version);
}

pub(super) async fn every_other_live_session_ends(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    let first = open(&store, login(user.id, 1)).await;
    let kept = open(&store, login(user.id, 2)).await;
    let foreign = open(&store, login(other.id, 3)).await;
    let hash = PasswordHash::new("second hash");
    store.users.set_password(update(user.id, hash, Some(kept.id), 10)).await.must();
    let ended = store.sessions.find(first.id).await.must().must().session;
    ensure_eq!(ended.ended_at, Some(moment(10)));
    let answer = store.sessions.rotate(rotation(1, 4, 11)).await;
    ensure!(matches!(answer, Err(RotationError::Ended)), "{answer:?}");
    for session in [kept, foreign] {
        let after = store.sessions.find(session.id).await.must().must().session;
        ensure_eq!(after, session);
    }
    store.sessions.rotate(rotation(2, 5, 11)).await.must();
}

pub(super) async fn every_live_session_ends_when_none_is_kept(store: Store) {
    let user = add(&store, "a@example.com").await;
    for token in 1..5 {
        open(&store, login(user.id, token)).await;
    }
    let hash = PasswordHash::new("second hash");
    store.users.set_password(update(user.id, hash, None, 10)).await.must();
    ensure_eq!(store.sessions.list_live(user.id, moment(10)).await.must(), []);
}

pub(super) async fn there_is_no_password_without_a_user(store: Store) {
    let hash = PasswordHash::new("second hash");
    let answer = store.users.set_password(update(UserId::new(1), hash, None, 1)).await;
    ensure!(matches!(answer, Err(UserError::NotFound)), "{answer:?}");
}

pub(super) async fn a_change_from_a_hash_that_is_gone_changes_nothing(store: Store) {
    let user = add(&store, "a@example.com").await;
    let session = open(&store, login(user.id, 1)).await;
    let changed = PasswordHash::new("second hash");
    let keep = Some(session.id);
    store.users.set_password(update(user.id, changed.clone(), keep, 1)).await.must();
    let late = update(user.id, PasswordHash::new("third hash"), None, 2);
    let answer = store.users.set_password(late).await;
    ensure!(matches!(answer, Err(UserError::PasswordChanged)), "{answer:?}");
    ensure_eq!(store.users.credentials(user.id).await.must().must().password_hash, changed);
    ensure_eq!(store.sessions.list_live(user.id, moment(2)).await.must(), [session]);
}

pub(super) async fn of_simultaneous_changes_from_one_hash_one_succeeds(store: Store) {
    let user = add(&store, "a@example.com").await;
    let hash = |number: usize| PasswordHash::new(format!("hash {number}"));
    let answers = store
        .at_once(16, |number| {
            let (users, update) = (store.users.clone(), update(user.id, hash(number), None, 1));
            async move { users.set_password(update).await }
        })
        .await;
    let winner = answers.iter().position(Result::is_ok).must();
    let refused = answers.iter().filter(|one| matches!(one, Err(UserError::PasswordChanged)));
    ensure_eq!(refused.count(), 15);
    let stored = store.users.credentials(user.id).await.must().must();
    ensure_eq!(stored.password_hash, hash(winner));
}

pub(super) async fn the_slowest_hash_has_the_highest_cost(store: Store) {
    ensure_eq!(store.users.slowest_hash().await.must(), None);
    let hashes = ["$2b$09$zz", "$2b$12$ab", "$2b$10$yy"];
    for (number, hash) in hashes.into_iter().enumerate() {
        let user = super::user(&format!("{number}@example.com"), Role::User);
        let user = NewUser { password_hash: PasswordHash::new(hash), ..user };
        store.users.insert(user).await.must();
    }
    ensure_eq!(store.users.slowest_hash().await.must(), Some(PasswordHash::new(hashes[1])));
}

pub(super) async fn another_hash_of_the_same_password_changes_nothing_else(store: Store) {
    let user = add(&store, "a@example.com").await;
    let session = open(&store, login(user.id, 1)).await;
    let old = super::user("a@example.com", Role::User).password_hash;
    let new = PasswordHash::new("dearer hash");
    store.users.replace_hash(user.id, old, new.clone()).await.must();
    ensure_eq!(store.users.credentials(user.id).await.must().must().password_hash, new);
    let after = store.sessions.find(session.id).await.must().must();
    ensure_eq!((after.user, after.session.ended_at), (user, None));
}

pub(super) async fn a_hash_that_was_replaced_meanwhile_stays(store: Store) {
    let user = add(&store, "a@example.com").await;
    let (other, new) = (PasswordHash::new("no longer"), PasswordHash::new("dearer hash"));
    store.users.replace_hash(user.id, other, new.clone()).await.must();
    store.users.replace_hash(next_id(user.id), new.clone(), new.clone()).await.must();
    let kept = store.users.credentials(user.id).await.must().must().password_hash;
    ensure_eq!(kept, super::user("a@example.com", Role::User).password_hash);
}

pub(super) async fn who_opens_a_session_meanwhile_sees_the_new_hash_or_has_it_ended(store: Store) {
    let user = add(&store, "a@example.com").await;
    let mut verified = super::user("a@example.com", Role::User).password_hash;
    for round in 1..=10 {
        let new = PasswordHash::new(format!("hash {round}"));
        let update = PasswordUpdate {
            id: user.id,
            verified: std::mem::replace(&mut verified, new.clone()),
            new: new.clone(),
            keep: None,
            at: moment(round as i64),
        };
        let opened = store
            .at_once(8, |number| {
                let (users, sessions) = (store.users.clone(), store.sessions.clone());
                let (new, update) = (new.clone(), update.clone());
                let login = login(user.id, u8::try_from(round * 8 + number).must());
                async move {
                    if number == 4 {
                        users.set_password(update).await.must();
                        return None;
                    }
                    let session = sessions.open(login).await.must().must();
                    let seen = users.credentials(session.user_id).await.must().must();
                    (seen.password_hash != new).then_some(session.id)
                }
            })
            .await;
        for id in opened.into_iter().flatten() {
            let session = store.sessions.find(id).await.must().must().session;
            ensure!(session.ended_at.is_some(), "round {round}");
        }
    }
}
