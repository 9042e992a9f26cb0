use async_trait::async_trait;

use crate::accounts::UserId;
use crate::api_keys::{ApiKey, ApiKeyId, ApiKeyUser, CreatedApiKey, NewApiKey};
use crate::{IdempotencyKey, KeyReused, Made, StoreError, Timestamp};

/// Why an API key was not created.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// The user has no such key.
    #[error("there is no such user")]
    NotFound,
    /// The user has as many keys as a user may have.
    #[error("the user has too many API keys")]
    TooMany,
    /// The idempotency key was used for another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the API keys. Every method is one atomic operation.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ApiKeyRepository: Send + Sync {
    /// Adds a key. Its prefix is unique.
    ///
    /// - MUST honour the idempotency key as [`IdempotencyKey`] says.
    /// - MUST return `NotFound` when the user does not exist (any more).
    /// - MUST return `TooMany` when the user has [`ApiKey::MAX`] keys, expired or not.
    async fn insert(&self, key: NewApiKey) -> Result<Made<CreatedApiKey>, ApiKeyError>;

    /// Returns the key that was created under this idempotency key, as it was created.
    ///
    /// - MUST return nothing when the lifetime of the key is over at `at`.
    /// - MUST return `KeyReused` when the fingerprint of the stored key is another one.
    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<CreatedApiKey>, ApiKeyError>;

    /// Returns the key with this prefix, expired or not, with its user as it is now. Every request
    /// with a key calls this.
    async fn find_by_prefix(&self, prefix: &str) -> Result<Option<ApiKeyUser>, StoreError>;

    /// Returns the keys of a user, the newest first.
    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError>;

    /// Deletes a key of this user. MUST return false when the user has no such key.
    async fn delete(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError>;

    /// Records that a key was used. MUST do nothing when the key does not exist any more.
    async fn touch(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError>;
}
