//! Shelves. A shelf is the private list of books that a user keeps.

mod draft;
mod entry;
mod merge;
mod query;
mod rating;
mod repository;
mod status;

pub use draft::{ShelfDraft, ShelfTarget};
pub use entry::{
    Notes, ReadingDate, ShelfEntry, ShelfEntryId, ShelfFields, ShelfPatch, ShelfStats, YearCount,
};
pub use merge::MergeRemarks;
pub use query::{ShelfFilter, ShelfQuery, ShelfSort};
pub use rating::Rating;
#[cfg(feature = "mocks")]
pub use repository::MockShelfRepository;
pub use repository::{
    ImportedEntry, NewShelfEntry, ShelfBatch, ShelfError, ShelfImportRow, ShelfRepository,
    ShelfUpdate, WhenUnknown,
};
pub use status::ReadingStatus;
