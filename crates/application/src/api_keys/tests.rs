//! The use cases of API keys, through mocked ports.

use std::sync::{Arc, Mutex};

use bookshelf_domain::accounts::Role;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyDraft, ApiKeyId, ApiKeyUser, CreatedApiKey, MockApiKeyRepository, NewApiKey,
    Permission, Permissions,
};
use bookshelf_domain::{Change, Made};
use chrono::TimeDelta;

use super::{ApiKeyFault, ApiKeys};
use crate::tests::{Repeating, clock, now, owner, user};
use crate::{AccessRules, Error, Owner};

fn api_keys(repository: MockApiKeyRepository) -> ApiKeys {
    ApiKeys::new(Arc::new(repository), clock(), Arc::new(Repeating(7)), AccessRules::default())
}

fn draft(permissions: &[&str]) -> ApiKeyDraft {
    ApiKeyDraft {
        name: Change::Set("reports".into()),
        permissions: Change::Set(permissions.iter().map(|p| (*p).to_owned()).collect()),
        ..Default::default()
    }
}

fn stored(new: &NewApiKey) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(4),
        user_id: new.user_id,
        name: new.name.clone(),
        prefix: new.prefix.clone(),
        permissions: new.permissions.clone(),
        created_at: new.at,
        last_used_at: None,
        expires_at: new.expires_at,
    }
}

/// A repository that stores one key, whose user has this role.
fn keeping(role: Role, change: fn(&mut ApiKeyUser)) -> MockApiKeyRepository {
    let store = Arc::new(Mutex::new(None));
    let mut repository = MockApiKeyRepository::new();
    let keeper = store.clone();
    repository.expect_insert().returning(move |new| {
        let key = stored(&new);
        *keeper.lock().unwrap() = Some((key.clone(), new.digest));
        Ok(Made::Now(CreatedApiKey { key, secret: new.secret }))
    });
    repository.expect_find_by_prefix().returning(move |prefix| {
        let stored = store.lock().unwrap().clone();
        Ok(stored.filter(|(key, _)| key.prefix == prefix).map(|(key, digest)| {
            let mut found = ApiKeyUser { key, digest, user: user(1, role) };
            change(&mut found);
            found
        }))
    });
    repository
}

async fn create(keys: &ApiKeys, owner: &Owner, draft: ApiKeyDraft) -> CreatedApiKey {
    keys.create(owner, draft, None).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_key_acts_for_its_owner_narrowed_to_its_permissions() {
    let mut repository = keeping(Role::Admin, |_| ());
    repository.expect_touch().once().returning(|_, _| Ok(()));
    let keys = api_keys(repository);
    let made = create(&keys, &owner(Role::Admin), draft(&["read"])).await;
    assert!(made.secret.starts_with(&made.key.prefix));
    let caller = keys.authenticate(&made.secret).await.unwrap();
    assert!(caller.clone().into_reader().is_ok());
    assert!(matches!(caller.clone().into_admin_reader(), Err(Error::AdminRequired)));
    assert!(matches!(caller.into_writer(), Err(Error::PermissionMissing(Permission::Write))));
}

#[tokio::test]
async fn expired_unknown_and_misspelt_keys_get_different_errors() {
    let fault = async |change: fn(&mut ApiKeyUser), text: fn(String) -> String| {
        let keys = api_keys(keeping(Role::User, change));
        let made = create(&keys, &owner(Role::User), draft(&["read"])).await;
        match keys.authenticate(&text(made.secret)).await {
            Err(Error::ApiKey(fault)) => fault,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(fault(|f| f.key.expires_at = Some(now()), |s| s).await, ApiKeyFault::Expired);
    assert_eq!(fault(|f| f.digest = [0; 32], |s| s).await, ApiKeyFault::Unknown);
    assert_eq!(fault(|_| (), |s| s + "A").await, ApiKeyFault::Misspelt);
}

#[tokio::test]
async fn the_last_use_is_written_at_most_once_a_minute() {
    let mut repository =
        keeping(Role::User, |f| f.key.last_used_at = Some(now() - TimeDelta::seconds(59)));
    repository.expect_touch().never();
    let keys = api_keys(repository);
    let made = create(&keys, &owner(Role::User), draft(&["read"])).await;
    keys.authenticate(&made.secret).await.unwrap();
}

#[tokio::test]
async fn only_an_admin_gives_the_permission_admin() {
    let keys = api_keys(MockApiKeyRepository::new());
    let error = keys.create(&owner(Role::User), draft(&["admin"]), None).await.unwrap_err();
    let Error::Invalid(faults) = error else { panic!("{error:?}") };
    assert!(faults.by_field().contains_key("permissions"));
    let keys = api_keys(keeping(Role::Admin, |_| ()));
    let made = create(&keys, &owner(Role::Admin), draft(&["admin", "read"])).await;
    assert_eq!(made.key.permissions, Permissions::new([Permission::Read, Permission::Admin]));
}

#[tokio::test]
async fn all_faults_of_a_key_are_reported() {
    let keys = api_keys(MockApiKeyRepository::new());
    let draft = ApiKeyDraft {
        permissions: Change::Set(vec!["fly".into()]),
        expires_at: Change::Set("2020-01-01T00:00:00Z".into()),
        ..Default::default()
    };
    let Error::Invalid(faults) = keys.create(&owner(Role::User), draft, None).await.unwrap_err()
    else {
        panic!("faults were expected");
    };
    let fields: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
    assert_eq!(fields, ["expires_at", "name", "permissions"]);
}
