use async_trait::async_trait;

use crate::accounts::{
    Email, NewUser, PasswordHash, SessionId, User, UserId, UserQuery, UserUpdate,
};
use crate::{Expected, KeyReused, Listing, Made, StoreError, Timestamp};

/// Why a user was not written.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("there is no such user")]
    NotFound,
    #[error("a user has this email address")]
    EmailTaken,
    #[error("a user has this username")]
    UsernameTaken,
    #[error("the user was changed meanwhile")]
    Stale,
    /// At least one admin must remain.
    #[error("this is the last admin")]
    LastAdmin,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A user and the password hash that a login is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCredentials {
    pub user: User,
    pub password_hash: PasswordHash,
}

/// Stores the accounts. Every method is one atomic operation.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Adds a user of version 1.
    ///
    /// MUST return `EmailTaken` before `UsernameTaken`, comparing folded forms; of several
    /// simultaneous inserts exactly one succeeds.
    ///
    /// MUST honour the idempotency key as [`IdempotencyKey`](crate::IdempotencyKey) says, before it
    /// looks for taken names.
    async fn insert(&self, user: NewUser) -> Result<Made<User>, UserError>;

    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// MUST compare folded forms.
    async fn find_by_email(&self, email: Email) -> Result<Option<StoredCredentials>, StoreError>;

    /// This user with its password hash.
    async fn credentials(&self, id: UserId) -> Result<Option<StoredCredentials>, StoreError>;

    /// One page of users, under the same clauses as
    /// [`BookRepository::list`](crate::books::BookRepository::list); emails are sorted by their
    /// folded form.
    async fn list(&self, query: UserQuery) -> Result<Listing<User>, StoreError>;

    /// Applies a patch to the user as it is now.
    ///
    /// - MUST return `NotFound` before `Stale` before `UsernameTaken`.
    /// - MUST raise the access epoch exactly when the role changes.
    /// - MUST return `LastAdmin` rather than leave no admin, under simultaneous demotions too.
    /// - MUST raise the version by one and set `updated_at`, and leave both alone when the patch
    ///   changes nothing.
    async fn update(&self, update: UserUpdate) -> Result<User, UserError>;

    /// Sets the password hash, and ends every live session of the user but `keep`.
    ///
    /// MUST leave the version alone, because the password is not a part of the resource.
    async fn set_password(
        &self,
        id: UserId,
        hash: PasswordHash,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), UserError>;

    /// Replaces `old` by another hash of the same password.
    ///
    /// MUST do nothing when `old` is not the user's hash (any more). MUST leave version and sessions
    /// alone.
    async fn replace_hash(
        &self,
        id: UserId,
        old: PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError>;

    /// Deletes a user with its sessions, keys and shelf; the books it made stay.
    ///
    /// - MUST return `NotFound` before `Stale` before `LastAdmin`.
    /// - MUST take the user's ratings out of the books' summaries.
    async fn delete(&self, id: UserId, expected: Expected) -> Result<(), UserError>;
}
