//! API keys: made by the owner of an account, to act for it.

mod secret;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::accounts::Role;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyDraft, ApiKeyId, ApiKeyRepository, ApiKeyUser, NewApiKey, Permission,
};
use bookshelf_domain::{AnswerFor, Clock, DraftContext, Fault, Intent, Made, Random, Timestamp};
use chrono::TimeDelta;
use subtle::ConstantTimeEq;

use self::secret::ApiKeySecret;
use crate::{Actor, Error, Owner, Retriable, Retries, Via};

/// How exactly the last use of a key is remembered: not every request is worth a write.
const LAST_USED_GRAIN: TimeDelta = TimeDelta::minutes(1);

/// A key just made. The secret is shown this once.
#[derive(Debug, Clone)]
pub struct CreatedApiKey {
    pub key: ApiKey,
    pub secret: String,
}

/// The use cases of API keys.
#[derive(Clone)]
pub struct ApiKeys {
    repository: Arc<dyn ApiKeyRepository>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    retries: Retries,
}

impl ApiKeys {
    pub fn new(
        repository: Arc<dyn ApiKeyRepository>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        retries: Retries,
    ) -> Self {
        Self { repository, clock, random, retries }
    }

    /// Makes a key. Only an admin may give the permission `admin`.
    ///
    /// The answer of a retry is written for the key and its secret.
    pub async fn create(
        &self,
        owner: &Owner,
        draft: ApiKeyDraft,
        retry: Option<Retriable<CreatedApiKey>>,
    ) -> Result<Made<CreatedApiKey>, Error> {
        let context = DraftContext { intent: Intent::Create, now: self.clock.now() };
        let fields = draft.into_fields(&context)?;
        if fields.permissions.contains(Permission::Admin) && owner.user.role != Role::Admin {
            return Err(Fault::new("may have \"admin\" only when an admin makes the key")
                .of("permissions")
                .into());
        }
        let secret = ApiKeySecret::random(&*self.random);
        let shown = secret.expose();
        let retry = retry.map(|Retriable { retry, answer }| {
            let secret = shown.clone();
            let answer: AnswerFor<ApiKey> = Arc::new(move |key: &ApiKey| {
                answer(&CreatedApiKey { key: key.clone(), secret: secret.clone() })
            });
            Retriable { retry, answer }
        });
        let make = async |once| {
            let key = NewApiKey {
                user_id: owner.user.id,
                name: fields.name,
                prefix: secret.prefix(),
                digest: secret.digest(),
                permissions: fields.permissions,
                at: context.now,
                expires_at: fields.expires_at,
                once,
            };
            Ok(self.repository.insert(key).await?)
        };
        let key = match self.retries.make(retry, context.now, make).await? {
            Made::Before(answer) => return Ok(Made::Before(answer)),
            Made::Now(key) => key,
        };
        tracing::info!(
            event = "api_key_created",
            user_id = key.user_id,
            api_key_id = key.id,
            "audit"
        );
        Ok(Made::Now(CreatedApiKey { key, secret: shown }))
    }

    /// The keys of the owner, the newest first.
    pub async fn list(&self, owner: &Owner) -> Result<Vec<ApiKey>, Error> {
        Ok(self.repository.list(owner.user.id).await?)
    }

    /// Deletes a key of the owner: it works no longer, at once.
    pub async fn revoke(&self, owner: &Owner, id: ApiKeyId) -> Result<(), Error> {
        if !self.repository.delete(owner.user.id, id).await? {
            return Err(Error::NotFound("API key"));
        }
        tracing::info!(
            event = "api_key_revoked",
            user_id = owner.user.id,
            api_key_id = id,
            "audit"
        );
        Ok(())
    }

    /// Tells who acts, from a key. A typo is told from a stranger without asking the store.
    pub async fn authenticate(&self, text: &str) -> Result<Actor, Error> {
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
        Ok(actor(found))
    }

    /// A key that was used works, even if the use cannot be remembered.
    async fn touch(&self, key: &ApiKey, now: Timestamp) {
        if key.last_used_at.is_some_and(|last| now < last + LAST_USED_GRAIN) {
            return;
        }
        if let Err(error) = self.repository.touch(key.id, now).await {
            tracing::warn!(api_key_id = key.id, %error, "the use of an API key was not remembered");
        }
    }
}

/// What is wrong with an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyFault {
    #[error("the API key is misspelt: its checksum does not fit")]
    Misspelt,
    #[error("there is no such API key")]
    Unknown,
    #[error("the API key has expired")]
    Expired,
}

fn actor(found: ApiKeyUser) -> Actor {
    let role = if found.key.permissions.contains(Permission::Admin) {
        found.user.role
    } else {
        Role::User
    };
    Actor {
        user: found.user,
        role,
        permissions: found.key.permissions,
        via: Via::ApiKey(found.key.id),
    }
}
