use std::fmt;

use async_trait::async_trait;

use crate::accounts::Password;

/// A salted, slow hash of a password, in the format of its algorithm. Its `Debug` form does not
/// show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash in the format of the [`PasswordHasher`] that made it.
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// Returns the hash, which nothing may log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a password was not hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordHasherError {
    /// The queue of passwords to hash is full.
    #[error("too many passwords are being checked; try again later")]
    Busy,
    /// Hashing failed for another reason.
    #[error("a password could not be hashed")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Hashes and verifies passwords. This is slow, so it runs apart from other work.
///
/// Every byte of a password MUST count, however long it is. The queue of waiting work MUST be
/// bounded: when it is full, both methods return `Busy` at once.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// MUST use a new salt for every hash.
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError>;

    /// MUST return false without a `hash`. MUST take the same time with every hash and without one:
    /// the time of the slowest hash that [`PasswordHasher::keep_pace_with`] or this method has seen,
    /// if that is longer than the time of a new hash. The password may be any text, even one that is
    /// not a valid new password.
    async fn verify(
        &self,
        password: String,
        hash: Option<PasswordHash>,
    ) -> Result<bool, PasswordHasherError>;

    /// From now on, `verify` takes at least as long as it does with this hash.
    fn keep_pace_with(&self, hash: &PasswordHash);

    /// Whether a hash is weaker than a new one would be. The next login of the user replaces it.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;
}
