use async_trait::async_trait;
use chrono::TimeDelta;

use crate::accounts::{NewSession, RefreshDigest, Session, SessionId, SessionUser, UserId};
use crate::{StoreError, Timestamp};

/// The exchange of a refresh token for its successor.
///
/// The successor is derived from the spent token and `salt`. A client that sends the spent token
/// again within the grace period gets the same successor from the stored salt, so no token has to
/// be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The token that the client sent.
    pub shown: RefreshDigest,
    /// The digest of the refresh token that replaces the presented one.
    pub successor: RefreshDigest,
    /// The salt from which the successor was derived, so that a retry gets the same successor.
    pub salt: [u8; 16],
    /// The time of the rotation.
    pub at: Timestamp,
    /// The new `idle_until` of the session. Its `expires_at` stays.
    pub idle_until: Timestamp,
    /// How long after its use the spent token can be sent again.
    pub grace: TimeDelta,
}

/// The result of a successful rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The token is now spent, and its successor is valid.
    Fresh(SessionUser),
    /// The token was spent before, less than the grace period ago, and its successor is unspent.
    /// The successor was derived from this salt.
    Again {
        /// The salt of the rotation before.
        salt: [u8; 16],
        /// The session and its user.
        session: SessionUser,
    },
}

/// Why a refresh token was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// No session has this token.
    #[error("no session has this refresh token")]
    Unknown,
    /// The session was idle too long, or is too old.
    #[error("the session has expired")]
    Expired,
    /// The session ended before.
    #[error("the session has ended")]
    Ended,
    /// A spent token was sent again, so its session was ended.
    #[error("the refresh token was used before; its session has ended")]
    Reused {
        /// The session that was ended.
        session: SessionId,
        /// Its user.
        user: UserId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the sessions. Every method is one atomic operation.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// MUST return `None` when the user does not exist (any more).
    async fn open(&self, session: NewSession) -> Result<Option<Session>, StoreError>;

    /// Returns a session, live or not, with its user as it is now. Every authenticated request
    /// calls this.
    async fn find(&self, id: SessionId) -> Result<Option<SessionUser>, StoreError>;

    /// Spends a refresh token.
    ///
    /// - Of several simultaneous rotations of one token exactly one MUST return `Fresh`.
    /// - MUST return `Again` only for the token spent last, whose successor is unspent, while `at`
    ///   is less than `grace` after it was spent. It MUST change nothing then.
    /// - MUST end the session and return `Reused` for any other spent token of a live session.
    /// - MUST return `Ended` for a token of a session that has ended, and `Expired` for one of a
    ///   session that is past its limits.
    /// - MUST set `last_used_at` and `idle_until` of the session when it returns `Fresh`.
    async fn rotate(&self, rotation: Rotation) -> Result<Rotated, RotationError>;

    /// Returns the live sessions of a user, the one used last first.
    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Ends a live session of this user. MUST return false when the user has no live session with
    /// this id.
    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<bool, StoreError>;

    /// Ends the live session of a refresh token, spent or not, and returns it.
    ///
    /// MUST return `Unknown`, `Ended` and `Expired` as [`SessionRepository::rotate`] does.
    async fn end_by_token(
        &self,
        token: RefreshDigest,
        at: Timestamp,
    ) -> Result<Session, RotationError>;

    /// Ends every live session of this user and returns how many there were.
    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError>;

    /// Deletes sessions that ended or expired before `before`, with their tokens, and returns how
    /// many there were. It deletes at most `limit`, so that other writes do not wait long.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
