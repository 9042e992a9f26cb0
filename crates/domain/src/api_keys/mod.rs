//! API keys: how services act for a user, narrowed to some permissions.

mod api_key;
mod draft;
mod repository;

pub use api_key::{
    ApiKey, ApiKeyDigest, ApiKeyId, ApiKeyName, ApiKeyUser, NewApiKey, Permission, Permissions,
};
pub use draft::{ApiKeyDraft, ApiKeyFields};
#[cfg(feature = "mocks")]
pub use repository::MockApiKeyRepository;
pub use repository::{ApiKeyError, ApiKeyRepository};
