use crate::accounts::{User, UserId};
use crate::{Id, Timestamp};

/// The id of a session.
pub type SessionId = Id<Session>;

/// The SHA-256 of a refresh token. The token itself is never stored.
pub type RefreshDigest = [u8; 32];

/// A login. It lasts as long as its refresh tokens are renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The user who logged in.
    pub user_id: UserId,
    /// The program that logged in, as it names itself in `User-Agent`.
    pub user_agent: Option<String>,
    /// The address from which the user logged in.
    pub address: Option<String>,
    /// The time of the login.
    pub created_at: Timestamp,
    /// The time of the last refresh, or of the login.
    pub last_used_at: Timestamp,
    /// The time when the session expires, unless it is used before then.
    pub idle_until: Timestamp,
    /// The time when the session expires even if it is used.
    pub expires_at: Timestamp,
    /// The time of its end: by a logout, or because a spent refresh token was used again.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// Returns whether the session has not expired at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.idle_until && now < self.expires_at
    }
}

/// A session to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The user who logs in.
    pub user_id: UserId,
    /// The digest of the first refresh token.
    pub refresh: RefreshDigest,
    /// The program that logs in, as it names itself in `User-Agent`.
    pub user_agent: Option<String>,
    /// The address from which the user logs in.
    pub address: Option<String>,
    /// The time of the login.
    pub at: Timestamp,
    /// When the session ends if its tokens are not refreshed before.
    pub idle_until: Timestamp,
    /// When the session ends in any case.
    pub expires_at: Timestamp,
}

/// A session and its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUser {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
}
