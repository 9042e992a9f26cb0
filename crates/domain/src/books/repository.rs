use async_trait::async_trait;

use crate::books::{Book, BookFields, BookId, BookPatch, BookQuery, CoverUpdate, Isbn};
use crate::covers::CoverName;
use crate::{Expected, IdempotencyKey, KeyReused, Listing, Made, StoreError, Timestamp};

/// Why a book was not written.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// No book has this id.
    #[error("there is no such book")]
    NotFound,
    /// Another book has this ISBN.
    #[error("book {by} has this ISBN")]
    IsbnTaken {
        /// That book.
        by: BookId,
    },
    /// The book was changed since the version that the writer expected.
    #[error("the book was changed meanwhile")]
    Stale,
    /// The book is on shelves, and the writer did not ask to remove it from them.
    #[error("book {book} is on {shelves} shelves")]
    InUse {
        /// The book.
        book: BookId,
        /// How many shelves it is on.
        shelves: u64,
    },
    /// The book has no cover that could be deleted.
    #[error("the book has no cover")]
    NoCover,
    /// The idempotency key was used for another request.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A book to create.
#[derive(Debug, Clone)]
pub struct NewBook {
    /// What the catalogue says about the book.
    pub fields: BookFields,
    /// The time of its creation.
    pub at: Timestamp,
    /// Recognises a retry of the same request.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A change of one book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookUpdate {
    /// The book to change.
    pub id: BookId,
    /// The versions that the writer has seen.
    pub expected: Expected,
    /// What changes.
    pub patch: BookPatch,
    /// The time of the change.
    pub at: Timestamp,
}

/// What to do when a book that is to be deleted is on shelves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenShelved {
    /// Delete nothing, and return [`BookError::InUse`].
    #[default]
    Refuse,
    /// Delete its shelf entries too.
    Remove,
}

/// A row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The book to add when no book matches.
    pub fields: BookFields,
    /// The change to apply when a book matches.
    pub patch: BookPatch,
}

/// What to do with a row that matches an existing book or entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// Leave the existing book or entry as it is.
    #[default]
    Skip,
    /// Apply the row's change to it.
    Update,
}

/// Rows to import in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportBatch {
    /// The rows, in the order of the file.
    pub rows: Vec<ImportRow>,
    /// What to do with a row that matches an existing book.
    pub on_conflict: OnConflict,
    /// Report what would happen and write nothing.
    pub dry_run: bool,
    /// The time of the import.
    pub at: Timestamp,
}

/// What happened to a row of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// The book was created.
    Created(BookId),
    /// The existing book was changed.
    Updated(BookId),
    /// The book existed and was not changed.
    Skipped(BookId),
    /// The update would have given the book the ISBN of the book `by`. Nothing was changed.
    IsbnTaken {
        /// The book that has the ISBN.
        by: BookId,
    },
}

/// Reads the catalogue. A replica of the database may serve it, so the answers may be slightly out
/// of date.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait BookReader: Send + Sync {
    /// MUST return the book as it was last written, to the byte, or `None`.
    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError>;

    /// MUST return the one book with this ISBN, or `None`.
    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError>;

    /// Returns one page of books.
    ///
    /// - MUST compare text in the form of [`SearchText`](crate::SearchText).
    /// - MUST match a title and an author as a substring of the field: anywhere in it, of any length
    ///   from one character, and without wildcards. It MUST match the genre as a whole.
    /// - MUST find a book by a search exactly when each of its [words](crate::books::SearchWords) is
    ///   a substring of the title, the author or the ISBN.
    /// - MUST order by the sort's key (text by its [`CollationKey`](crate::CollationKey)), and equal
    ///   keys by id in the same direction. Books without the key come last in both directions.
    /// - MUST return at most `limit` books, and set `has_next` exactly when more follow.
    /// - MUST count when `count` is set: exactly without a filter, and up to
    ///   [`COUNT_LIMIT`](crate::COUNT_LIMIT) with one.
    /// - MUST return from `Start::After` exactly the books that follow that position in the order,
    ///   whether or not its book still exists.
    async fn list(&self, query: BookQuery) -> Result<Listing<Book>, StoreError>;
}

/// Writes the catalogue, and reads it where the current state is needed. Every method is one atomic
/// operation.
///
/// It MUST be the same catalogue as that of the [`BookReader`] beside it.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait BookRepository: Send + Sync {
    /// Adds a book with version 1, without ratings and cover, created and updated at `at`.
    ///
    /// - MUST honour the idempotency key as [`IdempotencyKey`] says.
    /// - MUST assign increasing ids, and never reuse the id of a deleted book.
    /// - MUST return `IsbnTaken` with the id of the other book when another book has the ISBN. Of
    ///   several simultaneous inserts of one ISBN exactly one succeeds.
    /// - MUST have stored the book durably when it returns.
    async fn insert(&self, book: NewBook) -> Result<Made<Book>, BookError>;

    /// Returns up to `limit` books with an id greater than `after`, in the order of their ids. An
    /// export reads the whole catalogue this way.
    async fn read_after(&self, after: BookId, limit: u32) -> Result<Vec<Book>, StoreError>;

    /// Applies a patch to the book as it is now.
    ///
    /// - MUST return `NotFound` before `Stale` before `IsbnTaken`.
    /// - MUST change nothing when it fails. Of several simultaneous updates that expect the same
    ///   version exactly one succeeds.
    /// - MUST increase the version by one and set `updated_at`, and keep both when the patch
    ///   changes nothing.
    async fn update(&self, update: BookUpdate) -> Result<Book, BookError>;

    /// Sets, replaces or removes the cover of a book.
    ///
    /// - MUST return `NotFound` before `Stale` before `NoCover`, and change nothing when it fails.
    ///   `NoCover` means that there is no cover to remove.
    /// - Of several simultaneous calls that expect the same cover exactly one MUST succeed, unless
    ///   they set the same one.
    /// - MUST increase the version by one and set `updated_at`, and keep both and the old name when
    ///   the book already has a cover with this hash.
    async fn set_cover(&self, update: CoverUpdate) -> Result<Book, BookError>;

    /// MUST return those of the names that some book refers to, each once.
    async fn used_covers(&self, names: Vec<CoverName>) -> Result<Vec<CoverName>, StoreError>;

    /// Deletes a book and returns how many shelf entries were deleted with it.
    ///
    /// - MUST return `NotFound` before `Stale` before `InUse`, and delete nothing then.
    /// - MUST return `InUse` with the id of the book and the number of shelves that the book is on, if there are any and
    ///   `shelved` is `Refuse`. With `Remove` it MUST delete their entries with the book.
    async fn delete(
        &self,
        id: BookId,
        expected: Expected,
        shelved: WhenShelved,
    ) -> Result<u64, BookError>;

    /// Adds, updates or skips a batch of rows, in their order.
    ///
    /// - MUST match a row with an ISBN by the ISBN alone, and a row without one by the
    ///   [`Folded`](crate::Folded) title and author. Of several matches the book with the lowest id counts. Earlier rows of the batch
    ///   can match too.
    /// - MUST return one outcome per row, and write all of the batch or nothing.
    /// - MUST return `Skipped` for a row whose update changes nothing.
    /// - MUST return `IsbnTaken` for a row whose update would take the ISBN of another book, and
    ///   continue with the other rows.
    /// - MUST write nothing on a dry run. The ids in its outcomes are meaningless then.
    async fn import(&self, batch: ImportBatch) -> Result<Vec<Imported>, StoreError>;
}
