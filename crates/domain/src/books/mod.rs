//! Books: the shared catalogue.

mod book;
mod cover_update;
mod draft;
mod isbn;
mod query;
mod repository;
mod search_words;
mod year;

pub use book::{
    Author, Book, BookFields, BookId, BookPatch, Description, Genre, RatingSummary, Title,
};
pub use cover_update::{CoverUpdate, ExpectedCover, SeenCover};
pub use draft::BookDraft;
pub use isbn::Isbn;
pub use query::{BookFilter, BookQuery, BookSort};
pub use repository::{
    BookError, BookReader, BookRepository, BookUpdate, ImportBatch, ImportRow, Imported, NewBook,
    OnConflict, WhenShelved,
};
#[cfg(feature = "mocks")]
pub use repository::{MockBookReader, MockBookRepository};
pub use search_words::{SearchWord, SearchWords};
pub use year::Year;
