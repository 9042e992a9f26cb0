use async_trait::async_trait;
use chrono::TimeDelta;

use crate::accounts::{NewSession, RefreshDigest, Session, SessionId, SessionUser, UserId};
use crate::{StoreError, Timestamp};

/// A refresh token shown, and the one to follow it.
///
/// The successor is derived from the spent token and `salt`. Whoever shows the spent token again
/// within the grace can be given the same successor from the salt alone, so that no token has to be
/// kept in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    pub shown: RefreshDigest,
    pub successor: RefreshDigest,
    pub salt: [u8; 16],
    pub at: Timestamp,
    /// The idle limit of the session from now on; it never outlives `expires_at`.
    pub idle_until: Timestamp,
    pub grace: TimeDelta,
}

/// How a rotation went well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The shown token is spent and the successor lives.
    Fresh(SessionUser),
    /// The token was the last to be spent, less than the grace ago: its successor was derived from
    /// this salt.
    Again { salt: [u8; 16], session: SessionUser },
}

#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    #[error("no session has this refresh token")]
    Unknown,
    /// The session was idle too long, or is too old.
    #[error("the session has expired")]
    Expired,
    /// The session was ended before.
    #[error("the session has ended")]
    Ended,
    /// A spent token came back: its session was ended just now.
    #[error("the refresh token was used before; its session has ended")]
    Reused { session: SessionId, user: UserId },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps the sessions. Every method is one atomic operation.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// MUST return `None` when the user does not exist (any more).
    async fn open(&self, session: NewSession) -> Result<Option<Session>, StoreError>;

    /// A session, live or not, with its user as it is now. Every authenticated request asks this.
    async fn find(&self, id: SessionId) -> Result<Option<SessionUser>, StoreError>;

    /// Spends a refresh token.
    ///
    /// - Of several simultaneous rotations of one token exactly one MUST be `Fresh`.
    /// - MUST answer `Again` only for the token spent last, whose successor is unspent, while
    ///   `at` is less than `grace` after it was spent; and change nothing then.
    /// - Any other spent token of a live session MUST end the session and be `Reused`.
    /// - A token of a session that has ended MUST be `Ended`, of one past its limits `Expired`.
    /// - `Fresh` MUST set `last_used_at` and `idle_until` of the session.
    async fn rotate(&self, rotation: Rotation) -> Result<Rotated, RotationError>;

    /// The live sessions of a user, the one used last first.
    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Ends a live session of this user; MUST return false when there is none such.
    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<bool, StoreError>;

    /// Ends every live session of this user and returns how many there were.
    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError>;

    /// Forgets sessions, and their tokens, that have been dead since before `before`: at most
    /// `limit` of them, so that no purge holds up a write for long. Returns how many.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
