use crate::Timestamp;
use crate::accounts::{Role, SessionId, UserId};

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// The user that the token is for.
    pub user: UserId,
    /// The session that the token belongs to. The token is worth nothing after the session has
    /// ended.
    pub session: SessionId,
    /// The role that the user had when the token was signed.
    pub role: Role,
    /// The access epoch of the user when the token was made.
    pub epoch: i64,
    /// Unique to the token.
    pub id: String,
    /// The time of the signature, in whole seconds (`iat`, RFC 7519).
    pub issued_at: Timestamp,
    /// The end of the token, in whole seconds (`exp`, RFC 7519).
    pub expires_at: Timestamp,
}

/// Why an access token was refused, or not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// The signature is right, and the token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token is malformed, or its signature, issuer, audience or type is wrong. The text says
    /// which, for the log.
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
    /// Returns the claims as a signed token (JWT, RFC 7519).
    fn sign(&self, claims: &AccessClaims) -> Result<String, AccessTokenError>;

    /// Returns the claims of a token that this program has signed and that has not expired at
    /// `now`.
    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenError>;
}
