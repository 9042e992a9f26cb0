use crate::Timestamp;
use crate::accounts::{Role, SessionId, UserId};

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    pub user: UserId,
    pub session: SessionId,
    pub role: Role,
    /// The access epoch of the user when the token was made.
    pub epoch: i64,
    /// Unique to the token.
    pub id: String,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Why an access token was refused, or not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid: {0}")]
    Invalid(String),
}

/// Signs and verifies access tokens (JWT, RFC 9068).
///
/// - `verify` MUST accept a token that `sign` made until `expires_at`, and return `Expired` after
///   that.
/// - It MUST accept exactly the configured algorithm and keys, `typ`, issuer and audience.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AccessTokens: Send + Sync {
    fn sign(&self, claims: &AccessClaims) -> Result<String, AccessTokenError>;

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenError>;
}
