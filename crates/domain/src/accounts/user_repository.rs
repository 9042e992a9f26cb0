use async_trait::async_trait;

use crate::accounts::{
    Email, NewUser, PasswordHash, PasswordUpdate, User, UserId, UserQuery, UserUpdate,
};
use crate::{Expected, IdempotencyKey, KeyReused, Listing, Made, StoreError, Timestamp};

/// Why a user was not written.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// No user has this id.
    #[error("there is no such user")]
    NotFound,
    /// Another user has this email address.
    #[error("user {by} has this email address")]
    EmailTaken {
        /// That user.
        by: UserId,
    },
    /// Another user has this username.
    #[error("user {by} has this username")]
    UsernameTaken {
        /// That user.
        by: UserId,
    },
    /// The user was changed since the version that the writer expected.
    #[error("the user was changed meanwhile")]
    Stale,
    /// The hash that the password was verified against is not the user's any more.
    #[error("the password was changed meanwhile")]
    PasswordChanged,
    /// At least one admin must remain.
    #[error("user {is} is the last admin")]
    LastAdmin {
        /// The only admin.
        is: UserId,
    },
    /// The idempotency key was used for another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A user and the password hash that a login is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCredentials {
    /// The user.
    pub user: User,
    /// The hash of the password.
    pub password_hash: PasswordHash,
}

/// The condition under which a user is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteIf {
    /// The user has an expected version.
    Version(Expected),
    /// This is still the user's password hash.
    Password(PasswordHash),
}

/// Stores the accounts. Every method is one atomic operation.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Adds a user with version 1.
    ///
    /// - MUST return `EmailTaken` before `UsernameTaken`, comparing folded forms, with the id of the
    ///   user who has it. Of several
    ///   simultaneous inserts exactly one succeeds.
    /// - MUST honour the idempotency key as [`IdempotencyKey`](crate::IdempotencyKey) says, before
    ///   it looks for taken names.
    async fn insert(&self, user: NewUser) -> Result<Made<User>, UserError>;

    /// Returns the user that was created under this idempotency key, here or by
    /// [`InviteRepository::accept`](crate::invites::InviteRepository::accept), as it was created.
    ///
    /// - MUST return nothing when the lifetime of the key is over at `at`.
    /// - MUST return `KeyReused` when the fingerprint of the stored key is another one.
    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<User>, UserError>;

    /// MUST return the user as it was last written, or `None`.
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Returns the user with this email. MUST compare folded forms.
    async fn find_by_email(&self, email: Email) -> Result<Option<StoredCredentials>, StoreError>;

    /// Returns this user with its password hash.
    async fn credentials(&self, id: UserId) -> Result<Option<StoredCredentials>, StoreError>;

    /// Returns a password hash of the highest cost, if there is a user. bcrypt writes the cost in
    /// front, so this hash comes last in the order of text. It may read every user.
    async fn slowest_hash(&self) -> Result<Option<PasswordHash>, StoreError>;

    /// Returns one page of users, under the same clauses as
    /// [`BookReader::list`](crate::books::BookReader::list). Emails are sorted by their
    /// folded form.
    async fn list(&self, query: UserQuery) -> Result<Listing<User>, StoreError>;

    /// Applies a patch to the user as it is now.
    ///
    /// - MUST return `NotFound` before `Stale` before `UsernameTaken`, which has the id of the user who
    ///   has it.
    /// - MUST increase the access epoch exactly when the role changes.
    /// - MUST return `LastAdmin` with the id of the user when no admin would be left, under simultaneous demotions too.
    /// - MUST increase the version by one and set `updated_at`, and keep both when the patch
    ///   changes nothing.
    async fn update(&self, update: UserUpdate) -> Result<User, UserError>;

    /// Sets the password hash, and ends every live session of the user except `keep`.
    ///
    /// - MUST return `NotFound` before `PasswordChanged`. MUST change nothing then.
    /// - MUST return `PasswordChanged` when `verified` is not the user's hash (any more). Of several
    ///   simultaneous changes with one `verified` exactly one succeeds.
    /// - MUST keep the version, because the password is not a part of the resource.
    async fn set_password(&self, update: PasswordUpdate) -> Result<(), UserError>;

    /// Replaces `old` by another hash of the same password.
    ///
    /// MUST do nothing when `old` is not the user's hash (any more). MUST keep the version and the
    /// sessions.
    async fn replace_hash(
        &self,
        id: UserId,
        old: PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError>;

    /// Deletes the oldest `most` entries of the shelf of a user who is to be deleted, if the shelf has
    /// more than `most`. Returns whether it did. So the deletion of a user with a long shelf consists
    /// of short operations, between which other writes have their turn.
    ///
    /// - MUST refuse a user whom [`UserRepository::delete`] or [`UserRepository::delete_verified`]
    ///   refuses under the same condition, with the same error, and delete nothing then.
    /// - MUST subtract the ratings of the entries from the rating summaries of the books.
    async fn shorten_shelf(
        &self,
        id: UserId,
        condition: DeleteIf,
        most: u32,
    ) -> Result<bool, UserError>;

    /// Deletes a user with its sessions, keys and shelf. The books that it added stay.
    ///
    /// - MUST return `NotFound` before `Stale` before `LastAdmin`.
    /// - MUST subtract the user's ratings from the rating summaries of the books.
    async fn delete(&self, id: UserId, expected: Expected) -> Result<(), UserError>;

    /// Deletes a user as [`UserRepository::delete`] does, at any version, if `verified` is still
    /// the user's password hash.
    ///
    /// MUST return `NotFound` before `PasswordChanged` before `LastAdmin`.
    async fn delete_verified(&self, id: UserId, verified: PasswordHash) -> Result<(), UserError>;
}
