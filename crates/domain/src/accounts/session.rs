use crate::Timestamp;
use crate::accounts::{User, UserId};

pub type SessionId = i64;

/// The SHA-256 of a refresh token; the token itself is never kept.
pub type RefreshDigest = [u8; 32];

/// A login that lives on in its refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// When it dies unless it is used before.
    pub idle_until: Timestamp,
    /// When it dies in any case.
    pub expires_at: Timestamp,
    /// When it was ended, by a logout or because a spent token came back.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.idle_until && now < self.expires_at
    }
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    pub user_id: UserId,
    /// The first refresh token.
    pub refresh: RefreshDigest,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub at: Timestamp,
    pub idle_until: Timestamp,
    pub expires_at: Timestamp,
}

/// A session and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUser {
    pub session: Session,
    pub user: User,
}
