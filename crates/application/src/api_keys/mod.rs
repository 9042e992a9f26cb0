//! API keys. The owner of an account makes them for services that act for it.

mod secret;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::accounts::Role;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyDraft, ApiKeyFields, ApiKeyId, ApiKeyRepository, CreatedApiKey, NewApiKey,
    Permission,
};
use bookshelf_domain::{
    Clock, Fault, FaultCode, Faults, IdempotencyKey, Made, Random, StoreError, Timestamp,
    error_chain,
};
use chrono::TimeDelta;
use subtle::ConstantTimeEq;

use self::secret::ApiKeySecret;
use crate::idempotency::answer_again;
use crate::{AccessRules, Caller, Error, Owner};

/// The precision of the time of last use. A finer one would need a write on every request.
const LAST_USED_GRAIN: TimeDelta = TimeDelta::minutes(1);

/// The use cases of API keys.
#[derive(Clone)]
pub struct ApiKeys {
    repository: Arc<dyn ApiKeyRepository>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    rules: AccessRules,
}

impl ApiKeys {
    pub fn new(
        repository: Arc<dyn ApiKeyRepository>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        rules: AccessRules,
    ) -> Self {
        Self { repository, clock, random, rules }
    }

    /// Creates a key. Only an admin may give the permission `admin`. Requests with the same
    /// idempotency key create only one.
    pub async fn create(
        &self,
        owner: &Owner,
        draft: ApiKeyDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<CreatedApiKey>, Error> {
        let at = self.clock.now();
        let fields = match checked(draft, owner, at) {
            Ok(fields) => fields,
            Err(faults) => {
                let find = async |key| self.repository.find_created(key, at).await;
                return answer_again(idempotency_key, faults, find).await;
            }
        };
        let ApiKeyFields { name, permissions, expires_at } = fields;
        let secret = ApiKeySecret::random(&*self.random);
        let key = NewApiKey {
            user_id: owner.user_id(),
            name,
            prefix: secret.prefix(),
            secret: secret.expose(),
            digest: secret.digest(),
            permissions,
            at,
            expires_at,
            idempotency_key,
        };
        let made = self.repository.insert(key).await?;
        if let Made::Now(CreatedApiKey { key, .. }) = &made {
            let (user_id, api_key_id) = (key.user_id.get(), key.id.get());
            tracing::info!(event = "api_key_created", user_id, api_key_id, "audit");
        }
        Ok(made)
    }

    /// The keys of the owner, the newest first.
    pub async fn list(&self, owner: &Owner) -> Result<Vec<ApiKey>, Error> {
        Ok(self.repository.list(owner.user_id()).await?)
    }

    /// Deletes a key of the owner. It stops working at once.
    pub async fn revoke(&self, owner: &Owner, id: ApiKeyId) -> Result<(), Error> {
        if !self.repository.delete(owner.user_id(), id).await? {
            return Err(Error::NotFound("API key"));
        }
        let (user_id, api_key_id) = (owner.user_id().get(), id.get());
        tracing::info!(event = "api_key_revoked", user_id, api_key_id, "audit");
        Ok(())
    }

    /// Checks an API key. The checksum in it detects a misspelt key without a query.
    pub async fn authenticate(&self, text: &str) -> Result<Caller, Error> {
        let secret = ApiKeySecret::parse(text)?;
        let now = self.clock.now();
        let found = self.repository.find_by_prefix(&secret.prefix()).await?;
        let found = found
            .filter(|found| bool::from(found.digest.ct_eq(&secret.digest())))
            .ok_or(Error::ApiKey(ApiKeyFault::Unknown))?;
        if !found.key.is_live(now) {
            return Err(Error::ApiKey(ApiKeyFault::Expired));
        }
        self.touch(&found.key, now).await;
        Ok(Caller::with_api_key(found, self.rules))
    }

    /// Records the use of a key. The request succeeds even when this fails.
    async fn touch(&self, key: &ApiKey, now: Timestamp) {
        if key.last_used_at.is_some_and(|last| now < last + LAST_USED_GRAIN) {
            return;
        }
        // An outage is reported by the adapter.
        if let Err(error @ StoreError::Unexpected(_)) = self.repository.touch(key.id, now).await {
            let (api_key_id, error) = (key.id.get(), error_chain(&error));
            tracing::warn!(api_key_id, error, "the use of an API key was not recorded");
        }
    }
}

fn checked(draft: ApiKeyDraft, owner: &Owner, at: Timestamp) -> Result<ApiKeyFields, Faults> {
    let fields = draft.into_fields(at)?;
    if fields.permissions.contains(Permission::Admin) && owner.user().role != Role::Admin {
        let sentence = "may have \"admin\" only when an admin makes the key";
        return Err(Fault::new(FaultCode::NotAllowed, sentence).of("permissions"));
    }
    Ok(fields)
}

/// Why an API key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyFault {
    #[error("the API key is misspelt: its checksum is wrong")]
    Misspelt,
    #[error("there is no such API key")]
    Unknown,
    #[error("the API key has expired")]
    Expired,
}
