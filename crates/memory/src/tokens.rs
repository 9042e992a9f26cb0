use std::sync::{Mutex, PoisonError};

use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{AccessClaims, AccessTokenError, AccessTokens};

/// Access tokens that are numbers of claims which this value remembers. They are for tests alone:
/// they are easy to guess, and nothing forgets them.
///
/// ```
/// use bookshelf_domain::accounts::{AccessClaims, AccessTokens, Role, SessionId, UserId};
/// use bookshelf_memory::MemoryAccessTokens;
///
/// let tokens = MemoryAccessTokens::new();
/// let claims = AccessClaims {
///     user: UserId::new(1),
///     session: SessionId::new(1),
///     role: Role::User,
///     epoch: 0,
///     id: "1".to_owned(),
///     issued_at: "2026-11-21T06:00:00Z".parse()?,
///     expires_at: "2026-11-21T06:15:00Z".parse()?,
/// };
/// let token = tokens.sign(&claims)?;
/// assert_eq!(tokens.verify(&token, claims.issued_at)?, claims);
/// assert!(tokens.verify(&token, "2026-11-21T06:16:00Z".parse()?).is_err());
/// assert!(tokens.verify("access-token-1", claims.issued_at).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryAccessTokens(Mutex<Vec<AccessClaims>>);

impl MemoryAccessTokens {
    /// Tokens of which none is signed yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl AccessTokens for MemoryAccessTokens {
    fn sign(&self, claims: &AccessClaims) -> Result<String, AccessTokenError> {
        let mut signed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        signed.push(claims.clone());
        Ok(format!("access-token-{}", signed.len() - 1))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenError> {
        let signed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = token.strip_prefix("access-token-").and_then(|number| number.parse().ok());
        let claims = number.and_then(|number: usize| signed.get(number));
        let claims = claims
            .ok_or_else(|| AccessTokenError::Invalid("these tokens did not make it".to_owned()))?;
        if now > claims.expires_at {
            return Err(AccessTokenError::Expired);
        }
        Ok(claims.clone())
    }
}
