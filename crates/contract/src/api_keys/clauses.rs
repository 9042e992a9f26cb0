use bookshelf_domain::accounts::UserId;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyError, ApiKeyName, NewApiKey, Permission, Permissions,
};
use bookshelf_domain::{Expected, Made};

use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{moment, next_id};
use crate::saw::Must;
use crate::users::add;

/// A key of this user and prefix.
pub(crate) fn new(user_id: UserId, prefix: &str) -> NewApiKey {
    NewApiKey {
        user_id,
        name: ApiKeyName::parse("reports").must(),
        prefix: prefix.to_owned(),
        secret: format!("{prefix}_secret"),
        digest: [7; 32],
        permissions: Permissions::new([Permission::Write, Permission::Read]),
        at: moment(5),
        expires_at: Some(moment(9)),
        idempotency_key: None,
    }
}

async fn make(store: &Store, user_id: UserId, prefix: &str) -> ApiKey {
    store.api_keys.insert(new(user_id, prefix)).await.must().into_inner().key
}

pub(super) async fn a_key_is_found_by_its_prefix_with_its_user(store: Store) {
    let ann = add(&store, "ann@example.com").await;
    let made = make(&store, ann.id, "bks_a").await;
    ensure_eq!(
        (made.created_at, made.expires_at, made.last_used_at),
        (moment(5), Some(moment(9)), None)
    );
    let found = store.api_keys.find_by_prefix("bks_a").await.must().must();
    ensure_eq!((found.key, found.digest, found.user), (made, [7; 32], ann));
    ensure!(store.api_keys.find_by_prefix("bks_").await.must().is_none());
}

pub(super) async fn a_key_of_nobody_is_refused(store: Store) {
    let refused = store.api_keys.insert(new(UserId::new(1), "bks_a")).await;
    ensure!(matches!(refused, Err(ApiKeyError::NotFound)), "{refused:?}");
}

pub(super) async fn a_user_has_a_bounded_number_of_keys(store: Store) {
    let (ann, bob) = (add(&store, "ann@example.com").await, add(&store, "bob@example.com").await);
    let attempts = store.at_once(40, |number| {
        let (keys, key) = (store.api_keys.clone(), new(ann.id, &format!("bks_{number}")));
        async move { keys.insert(key).await }
    });
    let (made, refused): (Vec<_>, Vec<_>) = attempts.await.into_iter().partition(Result::is_ok);
    ensure_eq!(made.len(), usize::try_from(ApiKey::MAX).must());
    ensure!(refused.iter().all(|refused| matches!(refused, Err(ApiKeyError::TooMany))));
    make(&store, bob.id, "bks_bob").await;
    let first = store.api_keys.list(ann.id).await.must().remove(0);
    store.api_keys.delete(ann.id, first.id).await.must();
    make(&store, ann.id, "bks_again").await;
}

pub(super) async fn keys_are_listed_for_their_user_the_newest_first(store: Store) {
    let ann = add(&store, "ann@example.com").await;
    let bob = add(&store, "bob@example.com").await;
    let old = make(&store, ann.id, "bks_a").await;
    make(&store, bob.id, "bks_b").await;
    let young = make(&store, ann.id, "bks_c").await;
    ensure_eq!(store.api_keys.list(ann.id).await.must(), [young, old]);
}

pub(super) async fn only_its_user_deletes_a_key(store: Store) {
    let ann = add(&store, "ann@example.com").await;
    let bob = add(&store, "bob@example.com").await;
    let key = make(&store, ann.id, "bks_a").await;
    ensure!(!store.api_keys.delete(bob.id, key.id).await.must());
    ensure!(store.api_keys.delete(ann.id, key.id).await.must());
    ensure!(!store.api_keys.delete(ann.id, key.id).await.must());
    ensure!(store.api_keys.find_by_prefix("bks_a").await.must().is_none());
}

pub(super) async fn a_use_is_remembered_and_a_gone_key_left_alone(store: Store) {
    let ann = add(&store, "ann@example.com").await;
    let key = make(&store, ann.id, "bks_a").await;
    store.api_keys.touch(key.id, moment(8)).await.must();
    let found = store.api_keys.list(ann.id).await.must();
    ensure_eq!(found[0].last_used_at, Some(moment(8)));
    store.api_keys.touch(next_id(key.id), moment(8)).await.must();
}

pub(super) async fn keys_go_with_their_user(store: Store) {
    let ann = add(&store, "ann@example.com").await;
    ensure!(matches!(store.api_keys.insert(new(ann.id, "bks_a")).await, Ok(Made::Now(_))));
    store.users.delete(ann.id, Expected::Any).await.must();
    ensure!(store.api_keys.find_by_prefix("bks_a").await.must().is_none());
}
