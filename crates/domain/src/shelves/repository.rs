use async_trait::async_trait;

use crate::accounts::UserId;
use crate::shelves::{
    ShelfEntry, ShelfEntryId, ShelfFields, ShelfPatch, ShelfQuery, ShelfStats, ShelfTarget,
};
use crate::{Expected, Faults, Listing, StoreError, Timestamp};

/// What can stand in the way of writing a shelf entry.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    #[error("there is no such shelf entry")]
    NotFound,
    #[error("there is no such book")]
    BookNotFound,
    #[error("shelf entry {by} is about this book")]
    AlreadyOnShelf { by: ShelfEntryId },
    #[error("the shelf entry was changed meanwhile")]
    Stale,
    /// The fields would not fit together after the change.
    #[error("{0}")]
    Invalid(Faults),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An entry about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShelfEntry {
    pub user_id: UserId,
    pub target: ShelfTarget,
    pub fields: ShelfFields,
    pub at: Timestamp,
}

/// A change of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfUpdate {
    pub user_id: UserId,
    pub id: ShelfEntryId,
    pub expected: Expected,
    pub patch: ShelfPatch,
    pub at: Timestamp,
}

/// Keeps the shelves. Every method is one atomic operation, and sees one user's entries alone:
/// another's entry MUST be `NotFound` like none.
///
/// Whatever changes a rating MUST change the book's rating summary with it, so that the summary is
/// the sum and the count over all shelves at any time, under any concurrency; it leaves the book's
/// version and `updated_at` alone.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ShelfRepository: Send + Sync {
    /// Adds an entry of version 1.
    ///
    /// - MUST find a described book by its ISBN, or add it; a book without an ISBN is always added.
    /// - MUST return `BookNotFound` before `AlreadyOnShelf`, and add neither book nor entry then.
    async fn insert(&self, entry: NewShelfEntry) -> Result<ShelfEntry, ShelfError>;

    async fn find(&self, user: UserId, id: ShelfEntryId) -> Result<Option<ShelfEntry>, StoreError>;

    /// One page of a shelf, under the same clauses as
    /// [`BookRepository::list`](crate::books::BookRepository::list), entries with their books, in
    /// at most two statements beside the count.
    async fn list(&self, query: ShelfQuery) -> Result<Listing<ShelfEntry>, StoreError>;

    /// Applies a patch to the entry as it is now.
    ///
    /// - MUST return `NotFound` before `Stale` before `Invalid`, and change nothing then.
    /// - MUST raise the version by one and set `updated_at`, and leave both alone when the patch
    ///   changes nothing.
    async fn update(&self, update: ShelfUpdate) -> Result<ShelfEntry, ShelfError>;

    /// MUST return `NotFound` before `Stale`, and delete nothing then.
    async fn delete(
        &self,
        user: UserId,
        id: ShelfEntryId,
        expected: Expected,
    ) -> Result<(), ShelfError>;

    async fn stats(&self, user: UserId) -> Result<ShelfStats, StoreError>;

    /// Up to `limit` entries of a user with an id over `after`, by id.
    async fn read_after(
        &self,
        user: UserId,
        after: ShelfEntryId,
        limit: u32,
    ) -> Result<Vec<ShelfEntry>, StoreError>;
}
