use async_trait::async_trait;

use crate::accounts::UserId;
use crate::api_keys::{ApiKey, ApiKeyId, ApiKeyUser, NewApiKey};
use crate::{StoreError, Timestamp};

/// Keeps the API keys. Every method is one atomic operation.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ApiKeyRepository: Send + Sync {
    /// MUST return `None` when the user does not exist (any more). A prefix is unique.
    async fn insert(&self, key: NewApiKey) -> Result<Option<ApiKey>, StoreError>;

    /// The key with this prefix, expired or not, with its user as it is now. Every request with a
    /// key asks this.
    async fn find_by_prefix(&self, prefix: &str) -> Result<Option<ApiKeyUser>, StoreError>;

    /// The keys of a user, the newest first.
    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError>;

    /// Deletes a key of this user; MUST return false when there is none such.
    async fn delete(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError>;

    /// Remembers that a key was used; MUST do nothing when it is gone.
    async fn touch(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError>;
}
