use bookshelf_domain::accounts::{Role, UserError, UserPatch, UserUpdate};
use bookshelf_domain::{Change, Version};

use super::{add, add_admin, add_named, becoming, called, change, found};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{line, moment, next_id, one_of};
use crate::saw::Must;

pub(super) async fn only_what_the_patch_names_changes(store: Store) {
    let before = add_named(&store, "a@example.com", "ann").await;
    let named = UserPatch { name: Change::Set(line("Ann")), ..UserPatch::default() };
    let with_name = store.users.update(change(&before, named)).await.must();
    ensure_eq!(with_name.name, Some(line("Ann")));
    ensure_eq!((&with_name.username, &with_name.email), (&before.username, &before.email));
    let cleared = UserPatch { username: Change::Clear, ..UserPatch::default() };
    let without_username = store.users.update(change(&before, cleared)).await.must();
    ensure_eq!((without_username.username, without_username.name), (None, Some(line("Ann"))));
    let cleared = UserPatch { name: Change::Clear, ..called("bob") };
    let after = store.users.update(change(&before, cleared)).await.must();
    ensure_eq!((after.name.as_ref(), after.version), (None, Version::new(4)));
    ensure_eq!(found(&store, before.id).await, after);
}

pub(super) async fn a_change_raises_the_version_and_sets_the_time(store: Store) {
    let before = add(&store, "a@example.com").await;
    let after = store.users.update(change(&before, called("ann"))).await.must();
    ensure_eq!(after.version, Version::new(2));
    ensure_eq!((after.created_at, after.updated_at), (moment(0), moment(60)));
    ensure_eq!(found(&store, before.id).await, after);
}

pub(super) async fn a_patch_that_changes_nothing_leaves_version_and_time_alone(store: Store) {
    let before = add_named(&store, "a@example.com", "ann").await;
    let no_name = UserPatch { name: Change::Clear, ..UserPatch::default() };
    for patch in [UserPatch::default(), called("ann"), becoming(Role::User), no_name] {
        ensure_eq!(store.users.update(change(&before, patch)).await.must(), before);
        ensure_eq!(found(&store, before.id).await, before);
    }
}

pub(super) async fn a_missing_user_is_told_before_a_stale_version(store: Store) {
    let user = add(&store, "a@example.com").await;
    for expected in [one_of([]), one_of([1]), one_of([9])] {
        let id = next_id(user.id);
        let update = UserUpdate { id, expected, ..change(&user, called("ann")) };
        let answer = store.users.update(update).await;
        ensure!(matches!(answer, Err(UserError::NotFound)), "{answer:?}");
    }
}

pub(super) async fn a_stale_version_comes_before_a_taken_username(store: Store) {
    add_named(&store, "a@example.com", "ann").await;
    let user = add(&store, "b@example.com").await;
    let update = UserUpdate { expected: one_of([2]), ..change(&user, called("ann")) };
    let answer = store.users.update(update).await;
    ensure!(matches!(answer, Err(UserError::Stale)), "{answer:?}");
    ensure_eq!(found(&store, user.id).await, user);
}

pub(super) async fn a_taken_username_changes_nothing(store: Store) {
    let holder = add_named(&store, "a@example.com", "ann").await;
    let user = add(&store, "b@example.com").await;
    let patch = UserPatch { name: Change::Set(line("Bob")), ..called("ANN") };
    let update = UserUpdate { expected: one_of([1]), ..change(&user, patch) };
    let answer = store.users.update(update).await;
    ensure!(
        matches!(answer, Err(UserError::UsernameTaken { by }) if by == holder.id),
        "{answer:?}"
    );
    ensure_eq!(found(&store, user.id).await, user);
}

pub(super) async fn a_username_may_change_its_case(store: Store) {
    let user = add_named(&store, "a@example.com", "ann").await;
    let after = store.users.update(change(&user, called("Ann"))).await.must();
    ensure_eq!(after.username.as_ref().map(|name| name.as_str()), Some("Ann"));
    ensure_eq!(after.version, Version::new(2));
}

pub(super) async fn a_username_that_was_given_up_is_free(store: Store) {
    let user = add_named(&store, "a@example.com", "ann").await;
    let cleared = UserPatch { username: Change::Clear, ..UserPatch::default() };
    store.users.update(change(&user, cleared)).await.must();
    add_named(&store, "b@example.com", "ANN").await;
}

pub(super) async fn the_access_epoch_rises_exactly_when_the_role_changes(store: Store) {
    add_admin(&store, "admin@example.com").await;
    let before = add(&store, "a@example.com").await;
    let same = store.users.update(change(&before, becoming(Role::User))).await.must();
    let renamed = store.users.update(change(&before, called("ann"))).await.must();
    ensure_eq!([same.access_epoch, renamed.access_epoch], [before.access_epoch; 2]);
    let admin = store.users.update(change(&before, becoming(Role::Admin))).await.must();
    ensure_eq!(admin.role, Role::Admin);
    ensure!(admin.access_epoch > before.access_epoch);
    let again = store.users.update(change(&before, becoming(Role::User))).await.must();
    ensure_eq!(again.role, Role::User);
    ensure!(again.access_epoch > admin.access_epoch);
    ensure_eq!(found(&store, before.id).await, again);
}

pub(super) async fn the_last_admin_cannot_be_demoted(store: Store) {
    let first = add_admin(&store, "a@example.com").await;
    add(&store, "plain@example.com").await;
    let answer = store.users.update(change(&first, becoming(Role::User))).await;
    ensure!(matches!(answer, Err(UserError::LastAdmin { is }) if is == first.id), "{answer:?}");
    ensure_eq!(found(&store, first.id).await, first);
    let second = add_admin(&store, "b@example.com").await;
    store.users.update(change(&first, becoming(Role::User))).await.must();
    let answer = store.users.update(change(&second, becoming(Role::User))).await;
    ensure!(matches!(answer, Err(UserError::LastAdmin { .. })), "{answer:?}");
    // The last admin may change in every other way.
    store.users.update(change(&second, called("bob"))).await.must();
}

pub(super) async fn simultaneous_demotions_leave_an_admin(store: Store) {
    let mut admins = Vec::new();
    for number in 0..20 {
        admins.push(add_admin(&store, &format!("{number}@example.com")).await);
    }
    let answers = store
        .at_once(20, |number| {
            let (users, update) =
                (store.users.clone(), change(&admins[number], becoming(Role::User)));
            async move { users.update(update).await }
        })
        .await;
    ensure_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 19);
    let refused =
        answers.iter().filter(|answer| matches!(answer, Err(UserError::LastAdmin { .. })));
    ensure_eq!(refused.count(), 1);
}

pub(super) async fn of_simultaneous_updates_of_one_version_one_succeeds(store: Store) {
    let user = add(&store, "a@example.com").await;
    let answers = store
        .at_once(32, |number| {
            let users = store.users.clone();
            let update = change(&user, called(&format!("ann{number}")));
            let update = UserUpdate { expected: one_of([1]), ..update };
            async move { users.update(update).await }
        })
        .await;
    let stale = answers.iter().filter(|answer| matches!(answer, Err(UserError::Stale))).count();
    let succeeded: Vec<_> = answers.into_iter().flatten().collect();
    ensure_eq!(succeeded, [found(&store, user.id).await]);
    ensure_eq!(stale, 31);
}

pub(super) async fn of_simultaneous_claims_of_one_username_one_succeeds(store: Store) {
    let mut users = Vec::new();
    for number in 0..20 {
        users.push(add(&store, &format!("{number}@example.com")).await);
    }
    let answers = store
        .at_once(20, |number| {
            let (users, update) = (store.users.clone(), change(&users[number], called("ann")));
            async move { users.update(update).await }
        })
        .await;
    let taken =
        answers.iter().filter(|answer| matches!(answer, Err(UserError::UsernameTaken { .. })));
    ensure_eq!(taken.count(), 19);
    ensure_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}
