use crate::accounts::{User, UserId};
use crate::{Id, Timestamp};

pub type SessionId = Id<Session>;

/// The SHA-256 of a refresh token. The token itself is never stored.
pub type RefreshDigest = [u8; 32];

/// A login. It lasts as long as its refresh tokens are renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// The time when the session expires, unless it is used before then.
    pub idle_until: Timestamp,
    /// The time when the session expires even if it is used.
    pub expires_at: Timestamp,
    /// The time of its end: by a logout, or because a spent refresh token was used again.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.idle_until && now < self.expires_at
    }
}

/// A session to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    pub user_id: UserId,
    /// The digest of the first refresh token.
    pub refresh: RefreshDigest,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub at: Timestamp,
    pub idle_until: Timestamp,
    pub expires_at: Timestamp,
}

/// A session and its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUser {
    pub session: Session,
    pub user: User,
}
