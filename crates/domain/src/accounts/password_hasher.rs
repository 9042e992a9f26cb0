use std::fmt;

use async_trait::async_trait;

use crate::StoreError;
use crate::accounts::Password;

/// A salted, slow hash of a password, in its own string format. It shows itself nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordHasherError {
    /// More passwords are waiting than can be hashed in good time.
    #[error("too many passwords are being checked")]
    Busy,
    #[error("a password could not be hashed")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<PasswordHasherError> for StoreError {
    fn from(error: PasswordHasherError) -> Self {
        match error {
            PasswordHasherError::Busy => Self::Unavailable(error.to_string()),
            PasswordHasherError::Unexpected(source) => Self::Unexpected(source),
        }
    }
}

/// Hashes and verifies passwords, slowly, away from everything that must be fast.
///
/// Every byte of a password MUST count, however long it is. Waiting work MUST be bounded: past the
/// bound both methods return `Busy` at once.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// MUST salt every hash anew.
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError>;

    /// MUST take the same time whether or not there is a `hash` to compare with, and return false
    /// when there is none. The password is any text: one that could not be set matches nothing.
    async fn verify(
        &self,
        password: String,
        hash: Option<PasswordHash>,
    ) -> Result<bool, PasswordHasherError>;

    /// Whether a hash is weaker than one made now; it is made anew when its password is next shown.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;
}
