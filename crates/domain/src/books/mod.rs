//! Books: the shared catalogue.

mod book;
mod draft;
mod isbn;
mod query;
mod repository;
mod year;

pub use book::{
    Author, Book, BookFields, BookId, BookPatch, Description, Genre, RatingSummary, Title,
};
pub use draft::BookDraft;
pub use isbn::Isbn;
pub use query::{BookFilter, BookQuery, BookSort};
pub use repository::{
    BookError, BookReader, BookRepository, BookUpdate, CoverUpdate, ImportBatch, ImportRow,
    Imported, NewBook, OnConflict, WhenShelved,
};
#[cfg(feature = "mocks")]
pub use repository::{MockBookReader, MockBookRepository};
pub use year::Year;
