use bookshelf_domain::accounts::{NewUser, PasswordHash, Role, UserId};
use chrono::TimeDelta;

use super::{add, email, found, user, username};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::{AddUser, line, moment};
use crate::saw::Must;

pub(super) async fn a_user_comes_back_as_it_was_made(store: Store) {
    let new = NewUser {
        username: Some(username("Ann.B")),
        name: Some(line("O'Zoe\u{308} %_\"")),
        at: moment(0) + TimeDelta::microseconds(654_321),
        ..user("Ann+books@Example.com", Role::Admin)
    };
    let user = store.users.add(new).await.must();
    ensure_eq!(found(&store, user.id).await, user);
    let plain = add(&store, "plain@example.com").await;
    ensure_eq!(found(&store, plain.id).await, plain);
}

pub(super) async fn there_is_no_user_where_none_was_made(store: Store) {
    let id = add(&store, "a@example.com").await.id;
    for id in [0, -1, id.get() + 1, i64::MAX, i64::MIN].map(UserId::new) {
        ensure_eq!(store.users.find(id).await.must(), None);
        ensure_eq!(store.users.credentials(id).await.must(), None);
    }
    ensure_eq!(store.users.find_by_email(email("b@example.com")).await.must(), None);
}

pub(super) async fn a_user_is_found_by_its_email_in_every_case(store: Store) {
    add(&store, "other@example.com").await;
    let user = add(&store, "Ann@Example.com").await;
    for address in ["ann@example.com", "ANN@EXAMPLE.COM", "Ann@Example.com"] {
        let credentials = store.users.find_by_email(email(address)).await.must().must();
        ensure_eq!(credentials.user, user);
    }
    for address in ["ann@example.co", "nn@example.com", "%@example.com", "_nn@example.com"] {
        ensure_eq!(store.users.find_by_email(email(address)).await.must(), None, "{address}");
    }
}

pub(super) async fn the_password_hash_comes_back_to_the_byte(store: Store) {
    let hash = PasswordHash::new("$2b$12$./AZaz09 'ü\"");
    let new = NewUser { password_hash: hash.clone(), ..user("a@example.com", Role::User) };
    let user = store.users.add(new).await.must();
    let by_id = store.users.credentials(user.id).await.must().must();
    ensure_eq!((&by_id.user, &by_id.password_hash), (&user, &hash));
    ensure_eq!(store.users.find_by_email(user.email).await.must(), Some(by_id));
}
