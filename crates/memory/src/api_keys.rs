use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyDigest, ApiKeyError, ApiKeyId, ApiKeyRepository, ApiKeyUser, CreatedApiKey,
    NewApiKey,
};
use bookshelf_domain::{IdempotencyKey, Made, StoreError, Timestamp};

use crate::{Memory, Tables};

#[derive(Default)]
pub(crate) struct ApiKeys {
    rows: BTreeMap<ApiKeyId, (ApiKey, ApiKeyDigest)>,
    last_id: i64,
}

impl ApiKeys {
    pub(crate) fn delete_of(&mut self, user: UserId) {
        self.rows.retain(|_, (key, _)| key.user_id != user);
    }

    fn insert(&mut self, new: NewApiKey) -> CreatedApiKey {
        self.last_id += 1;
        let key = ApiKey {
            id: ApiKeyId::new(self.last_id),
            user_id: new.user_id,
            name: new.name,
            prefix: new.prefix,
            permissions: new.permissions,
            created_at: new.at,
            last_used_at: None,
            expires_at: new.expires_at,
        };
        self.rows.insert(key.id, (key.clone(), new.digest));
        CreatedApiKey { key, secret: new.secret }
    }
}

#[async_trait]
impl ApiKeyRepository for Memory {
    async fn insert(&self, mut key: NewApiKey) -> Result<Made<CreatedApiKey>, ApiKeyError> {
        let idempotency_key = key.idempotency_key.take();
        let Tables { users, api_keys, stored_resources, .. } = &mut *self.tables();
        stored_resources.make_once(idempotency_key, key.at, || {
            users.get(key.user_id).ok_or(ApiKeyError::NotFound)?;
            let keys = api_keys.rows.values().filter(|(other, _)| other.user_id == key.user_id);
            if keys.count() as i64 >= ApiKey::MAX {
                return Err(ApiKeyError::TooMany);
            }
            Ok(api_keys.insert(key))
        })
    }

    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<CreatedApiKey>, ApiKeyError> {
        Ok(self.tables().stored_resources.find(&key, at)?)
    }

    async fn find_by_prefix(&self, prefix: &str) -> Result<Option<ApiKeyUser>, StoreError> {
        let tables = self.tables();
        let found = tables.api_keys.rows.values().find(|(key, _)| key.prefix == prefix);
        Ok(found.and_then(|(key, digest)| {
            let user = tables.users.get(key.user_id)?.clone();
            Some(ApiKeyUser { key: key.clone(), digest: *digest, user })
        }))
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let tables = self.tables();
        let keys = tables.api_keys.rows.values().rev().map(|(key, _)| key);
        Ok(keys.filter(|key| key.user_id == user).cloned().collect())
    }

    async fn delete(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        let rows = &mut self.tables().api_keys.rows;
        let mine = rows.get(&id).is_some_and(|(key, _)| key.user_id == user);
        Ok(mine && rows.remove(&id).is_some())
    }

    async fn touch(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        if let Some((key, _)) = self.tables().api_keys.rows.get_mut(&id) {
            key.last_used_at = Some(at);
        }
        Ok(())
    }
}
