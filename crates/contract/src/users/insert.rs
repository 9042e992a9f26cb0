use bookshelf_domain::Version;
use bookshelf_domain::accounts::{NewUser, Role, UserError};

use super::{add, add_named, user, username};
use crate::Store;
use crate::macros::{ensure, ensure_eq, ensure_ne};
use crate::sample::{AddUser, line, moment};
use crate::saw::Must;

pub(super) async fn a_new_user_has_version_one(store: Store) {
    let new = NewUser {
        username: Some(username("Ann.B-9_x")),
        name: Some(line("Änn 安 👩‍🔬")),
        at: moment(5),
        ..user("Ann@Example.COM", Role::Admin)
    };
    let user = store.users.add(new.clone()).await.must();
    ensure!(user.id.get() > 0);
    ensure_eq!((&user.email, &user.username, &user.name), (&new.email, &new.username, &new.name));
    ensure_eq!((user.role, user.version), (Role::Admin, Version::FIRST));
    ensure_eq!((user.created_at, user.updated_at), (moment(5), moment(5)));
}

pub(super) async fn an_email_is_taken_in_every_case(store: Store) {
    let holder = add(&store, "Ann@Example.com").await;
    for address in ["ann@example.com", "ANN@EXAMPLE.COM", "Ann@Example.com"] {
        let answer = store.users.add(user(address, Role::User)).await;
        ensure!(
            matches!(answer, Err(UserError::EmailTaken { by }) if by == holder.id),
            "{answer:?}"
        );
    }
    add(&store, "ann2@example.com").await;
}

pub(super) async fn a_username_is_taken_in_every_case(store: Store) {
    let holder = add_named(&store, "a@example.com", "Ann").await;
    for name in ["ann", "ANN", "Ann"] {
        let new = NewUser { username: Some(username(name)), ..user("b@example.com", Role::User) };
        let answer = store.users.add(new).await;
        ensure!(
            matches!(answer, Err(UserError::UsernameTaken { by }) if by == holder.id),
            "{answer:?}"
        );
    }
    // What failed has left nothing behind.
    add(&store, "b@example.com").await;
}

pub(super) async fn a_taken_email_comes_before_a_taken_username(store: Store) {
    let holder = add_named(&store, "a@example.com", "ann").await;
    add_named(&store, "b@example.com", "bob").await;
    for name in ["ann", "bob"] {
        let new = NewUser { username: Some(username(name)), ..user("A@example.com", Role::User) };
        let answer = store.users.add(new).await;
        ensure!(
            matches!(answer, Err(UserError::EmailTaken { by }) if by == holder.id),
            "{answer:?}"
        );
    }
}

pub(super) async fn many_users_may_have_no_username(store: Store) {
    ensure_ne!(add(&store, "a@example.com").await.id, add(&store, "b@example.com").await.id);
}

pub(super) async fn of_simultaneous_inserts_of_one_email_one_succeeds(store: Store) {
    let answers = store
        .at_once(32, |number| {
            let users = store.users.clone();
            let address = if number % 2 == 0 { "ann@example.com" } else { "ANN@Example.com" };
            async move { users.add(user(address, Role::User)).await }
        })
        .await;
    let taken = answers.iter().filter(|answer| matches!(answer, Err(UserError::EmailTaken { .. })));
    ensure_eq!(taken.count(), 31);
    ensure_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}

pub(super) async fn of_simultaneous_inserts_of_one_username_one_succeeds(store: Store) {
    let answers = store
        .at_once(32, |number| {
            let users = store.users.clone();
            let name = username(if number % 2 == 0 { "ann" } else { "ANN" });
            let address = format!("{number}@example.com");
            let new = NewUser { username: Some(name), ..user(&address, Role::User) };
            async move { users.add(new).await }
        })
        .await;
    let taken =
        answers.iter().filter(|answer| matches!(answer, Err(UserError::UsernameTaken { .. })));
    ensure_eq!(taken.count(), 31);
    ensure_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}
