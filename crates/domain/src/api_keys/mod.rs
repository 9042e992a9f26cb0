//! API keys. A service that has a user's key acts for the user, with the permissions of the key.

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
