//! API keys: a service acts for a user with some of the user's permissions.

mod api_key;
mod draft;
mod repository;

pub use api_key::{
    ApiKey, ApiKeyDigest, ApiKeyId, ApiKeyName, ApiKeyUser, CreatedApiKey, NewApiKey, Permission,
    Permissions,
};
pub use draft::{ApiKeyDraft, ApiKeyFields};
#[cfg(feature = "mocks")]
pub use repository::MockApiKeyRepository;
pub use repository::{ApiKeyError, ApiKeyRepository};
