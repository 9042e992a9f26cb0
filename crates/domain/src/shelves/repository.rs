use async_trait::async_trait;

use crate::accounts::UserId;
use crate::books::{BookFields, OnConflict};
use crate::shelves::{
    MergeRemarks, ShelfEntry, ShelfEntryId, ShelfFields, ShelfPatch, ShelfQuery, ShelfStats,
    ShelfTarget,
};
use crate::{Expected, Faults, IdempotencyKey, KeyReused, Listing, Made, StoreError, Timestamp};

/// Why a shelf entry was not written.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The user has no such entry.
    #[error("there is no such shelf entry")]
    NotFound,
    /// No user has this id.
    #[error("there is no such user")]
    UserNotFound,
    /// No book has this id.
    #[error("there is no such book")]
    BookNotFound,
    /// The catalogue does not have the described book, and it was not to be added.
    #[error("the catalogue does not have this book")]
    UnknownBook,
    /// The book is on the shelf already.
    #[error("the book is already on the shelf, as entry {by}")]
    AlreadyOnShelf {
        /// Its entry.
        by: ShelfEntryId,
    },
    /// The shelf has as many entries as it may have.
    #[error("the shelf has {most} entries, and no more can be added")]
    Full {
        /// That many.
        most: u64,
    },
    /// The entry was changed since the version that the writer expected.
    #[error("the shelf entry was changed meanwhile")]
    Stale,
    /// The fields would contradict each other after the change.
    #[error("{0}")]
    Invalid(Faults),
    /// The idempotency key was used for another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What happens to a described book that the catalogue does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenUnknown {
    /// The book is added to the catalogue.
    #[default]
    Add,
    /// Write nothing, and return [`ShelfError::UnknownBook`].
    Refuse,
}

/// An entry to create.
#[derive(Debug, Clone)]
pub struct NewShelfEntry {
    /// The user whose shelf it is.
    pub user_id: UserId,
    /// The book.
    pub target: ShelfTarget,
    /// What to do if the catalogue does not have the book.
    pub when_unknown: WhenUnknown,
    /// The number of entries that the shelf may have with the new one: see [`ShelfEntry::MAX`].
    pub most: u64,
    /// What the reader says.
    pub fields: ShelfFields,
    /// The time at which the book is put on the shelf.
    pub at: Timestamp,
    /// Recognises a retry of the same request.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A change of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfUpdate {
    /// The user whose shelf it is.
    pub user_id: UserId,
    /// The entry to change.
    pub id: ShelfEntryId,
    /// The versions that the writer has seen.
    pub expected: Expected,
    /// What changes.
    pub patch: ShelfPatch,
    /// The time of the change.
    pub at: Timestamp,
}

/// A row of a reading history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfImportRow {
    /// The book, which the catalogue may not have: see [`WhenUnknown`].
    pub book: BookFields,
    /// What the reader says.
    pub fields: ShelfFields,
    /// When the entry was added elsewhere, if that is known.
    pub added_at: Option<Timestamp>,
}

/// What happened to a row of a reading history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedEntry {
    /// The entry was created.
    Created(ShelfEntryId),
    /// The existing entry was changed.
    Updated(ShelfEntryId, MergeRemarks),
    /// The entry existed and was not changed.
    Skipped(ShelfEntryId, MergeRemarks),
    /// The catalogue does not have the book, and it was not to be added.
    UnknownBook,
    /// The shelf has no room for another entry.
    ShelfFull,
}

/// Rows of a reading history to import in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfBatch {
    /// The rows, in the order of the file.
    pub rows: Vec<ShelfImportRow>,
    /// `Update` merges a row into the existing entry: see [`ShelfFields::merge`].
    pub on_conflict: OnConflict,
    /// What to do if the catalogue does not have the book.
    pub when_unknown: WhenUnknown,
    /// The number of entries that the shelf may have with the new ones: see [`ShelfEntry::MAX`].
    pub most: u64,
    /// Report what would happen and write nothing.
    pub dry_run: bool,
    /// The time of the import.
    pub at: Timestamp,
}

/// Stores the shelves. Every method is one atomic operation. It sees the entries of one user only:
/// an entry of another user MUST be `NotFound`.
///
/// A method that changes a rating MUST change the book's rating summary in the same operation, so
/// that the summary is the sum and the count over all shelves at any time, under any concurrency.
/// It MUST keep the book's version and `updated_at`.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ShelfRepository: Send + Sync {
    /// Adds an entry with version 1, added and updated at `at`.
    ///
    /// - MUST honour the idempotency key as [`IdempotencyKey`] says.
    /// - MUST find a described book by its ISBN and not change it, or add the book if there is
    ///   none. It MUST always add a book without an ISBN.
    /// - MUST return `UnknownBook` where it would add a book and `when_unknown` is
    ///   [`Refuse`](WhenUnknown::Refuse).
    /// - MUST return `BookNotFound` before `AlreadyOnShelf`, and add neither book nor entry then.
    ///   Of several simultaneous inserts of one book on one shelf exactly one succeeds.
    /// - MUST return `Full` where the shelf has `most` entries or more, and add neither book nor entry
    ///   then. Simultaneous inserts and imports MUST NOT put more than `most` entries on a shelf.
    ///   `UnknownBook`, `BookNotFound` and `AlreadyOnShelf` come before it.
    /// - MUST return `UserNotFound` when the user does not exist (any more).
    async fn insert(&self, entry: NewShelfEntry) -> Result<Made<ShelfEntry>, ShelfError>;

    /// MUST return the entry as it was last written, or `None` if this user has no such entry.
    async fn find(&self, user: UserId, id: ShelfEntryId) -> Result<Option<ShelfEntry>, StoreError>;

    /// Returns one page of a shelf, entries with their books, under the same clauses as
    /// [`BookReader::list`](crate::books::BookReader::list), but a search MUST look for its words
    /// in the title and the author only. It MUST take at most two statements, the count included.
    async fn list(&self, query: ShelfQuery) -> Result<Listing<ShelfEntry>, StoreError>;

    /// Applies a patch to the entry as it is now.
    ///
    /// - MUST return `NotFound` before `Stale` before `Invalid`, and change nothing then.
    /// - MUST increase the version by one and set `updated_at`, and keep both when the patch
    ///   changes nothing.
    async fn update(&self, update: ShelfUpdate) -> Result<ShelfEntry, ShelfError>;

    /// Deletes an entry. MUST return `NotFound` before `Stale`, and delete nothing then. The book
    /// stays.
    async fn delete(
        &self,
        user: UserId,
        id: ShelfEntryId,
        expected: Expected,
    ) -> Result<(), ShelfError>;

    /// MUST count all entries of the user.
    async fn stats(&self, user: UserId) -> Result<ShelfStats, StoreError>;

    /// Returns up to `limit` entries of a user with an id greater than `after`, in the order of
    /// their ids. An export reads a whole shelf this way.
    async fn read_after(
        &self,
        user: UserId,
        after: ShelfEntryId,
        limit: u32,
    ) -> Result<Vec<ShelfEntry>, StoreError>;

    /// Adds, merges or skips a batch of rows, in their order.
    ///
    /// - MUST match a row to its book as
    ///   [`BookRepository::import`](crate::books::BookRepository::import) does, earlier rows of the
    ///   batch included.
    /// - MUST add a book that the catalogue does not have, and change no book that it has. If
    ///   `when_unknown` is [`Refuse`](WhenUnknown::Refuse), it MUST leave out the row of such a book
    ///   and return `UnknownBook` for it.
    /// - MUST give a new entry the row's `added_at` or, if the row has none, `at`.
    /// - MUST merge a row into an existing entry as [`ShelfFields::merge`] says on
    ///   `OnConflict::Update`, and not change the entry on `Skip`. The entry keeps its `added_at`.
    /// - MUST return one outcome per row, with the entry's id if there is one; `Skipped` if a merge changes
    ///   nothing.
    /// - MUST return the remarks of the merge ([`ShelfFields::merge_remarks`]) with the outcome of a
    ///   merged row, and no remarks on `OnConflict::Skip`.
    /// - MUST leave out a row that would add an entry where the shelf has `most` entries or more, add
    ///   no book for it, and return `ShelfFull` for it, or `UnknownBook` where that applies too. It
    ///   MUST still merge or skip the rows of existing entries.
    /// - MUST write all else of the batch or nothing.
    /// - MUST write nothing on a dry run. The ids in its outcomes are meaningless then.
    /// - MUST return `UserNotFound` when the user does not exist (any more).
    async fn import(
        &self,
        user: UserId,
        batch: ShelfBatch,
    ) -> Result<Vec<ImportedEntry>, ShelfError>;
}
