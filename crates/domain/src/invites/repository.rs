use async_trait::async_trait;

use crate::accounts::{NewUser, User, UserError};
use crate::invites::{CreatedInvite, Invite, InviteDigest, InviteId, InviteQuery, NewInvite};
use crate::{IdempotencyKey, KeyReused, Listing, Made, StoreError, Timestamp};

/// Why an invitation was not created.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// No invitation has this id.
    #[error("there is no such user")]
    NotFound,
    /// The idempotency key was used for another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an invitation was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The invitation cannot be used (any more), or not for this user.
    #[error("the invitation is not valid")]
    Invalid,
    /// The account cannot be created.
    #[error(transparent)]
    User(#[from] UserError),
}

impl From<KeyReused> for AcceptError {
    fn from(error: KeyReused) -> Self {
        Self::User(error.into())
    }
}

impl From<StoreError> for AcceptError {
    fn from(error: StoreError) -> Self {
        Self::User(error.into())
    }
}

/// Stores the invitations. Every method is one atomic operation.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait InviteRepository: Send + Sync {
    /// Adds an invitation that was not used.
    ///
    /// - MUST honour the idempotency key as [`IdempotencyKey`] says.
    /// - MUST return `NotFound` when its creator does not exist (any more).
    async fn insert(&self, invite: NewInvite) -> Result<Made<CreatedInvite>, InviteError>;

    /// Returns the invitation that was created under this idempotency key, as it was created.
    ///
    /// - MUST return nothing when the lifetime of the key is over at `at`.
    /// - MUST return `KeyReused` when the fingerprint of the stored key is another one.
    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<CreatedInvite>, InviteError>;

    /// Returns the invitation whose token has this digest, used or not, expired or not.
    async fn find_by_digest(&self, digest: InviteDigest) -> Result<Option<Invite>, StoreError>;

    /// Returns one page of all invitations, under the same clauses as
    /// [`BookReader::list`](crate::books::BookReader::list).
    async fn list(&self, query: InviteQuery) -> Result<Listing<Invite>, StoreError>;

    /// Deletes an invitation. MUST return false when there is none with this id.
    async fn delete(&self, id: InviteId) -> Result<bool, StoreError>;

    /// Uses the invitation whose token has this digest, and adds the user.
    ///
    /// - MUST give the user the role of the invitation, whatever the role of `user` is.
    /// - MUST honour the user's idempotency key as [`IdempotencyKey`] says,
    ///   before it looks at the invitation.
    /// - MUST return `Invalid` when there is no such invitation, when it is not
    ///   [live](Invite::is_live) at `user.at`, when it [is not for](Invite::is_for) the user's email,
    ///   or when its creator is not an admin (any more).
    /// - MUST return `Invalid` before the errors of
    ///   [`UserRepository::insert`](crate::accounts::UserRepository::insert), which it returns too.
    /// - MUST NOT use the invitation when it returns an error.
    /// - Of several simultaneous calls with one invitation exactly one MUST succeed.
    async fn accept(&self, digest: InviteDigest, user: NewUser) -> Result<Made<User>, AcceptError>;

    /// Deletes at most `limit` invitations that were used or expired before `before`, and returns
    /// how many there were. The limit keeps other writes from waiting long.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
