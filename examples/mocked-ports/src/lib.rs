//! The desk of a library: a program that uses two ports of Bookshelf and leaves their adapters to
//! others. `tests/desk.rs` has its tests, and docs/testing.md explains them.

use std::sync::Arc;
use std::time::Duration;

use bookshelf_domain::StoreError;
use bookshelf_domain::books::{BookError, BookId, BookReader, BookRepository, NewBook};
use tokio::time::timeout;

/// How long a person at the desk waits.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Why the desk could not help.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The catalogue has no such book.
    #[error("there is no such book")]
    NoSuchBook,
    /// The catalogue is away or too slow.
    #[error("the catalogue does not answer; try again in a moment")]
    TryAgain,
    /// Anything else, which a person at the desk cannot mend.
    #[error("the catalogue failed")]
    Failed,
}

/// The desk, over any catalogue.
pub struct Desk {
    /// Where books are looked up.
    pub reader: Arc<dyn BookReader>,
    /// Where books are added.
    pub books: Arc<dyn BookRepository>,
}

impl Desk {
    /// Returns the text of a label: `Dune, Frank Herbert`.
    pub async fn label(&self, id: BookId) -> Result<String, DeskError> {
        let found = timeout(PATIENCE, self.reader.find(id)).await;
        let book = found.map_err(|_| DeskError::TryAgain)??.ok_or(DeskError::NoSuchBook)?;
        Ok(format!("{}, {}", book.fields.title.as_str(), book.fields.author.as_str()))
    }

    /// Adds a book that somebody gives to the library. A second copy of a book gets the id of the
    /// first one.
    pub async fn accept(&self, book: NewBook) -> Result<BookId, DeskError> {
        match self.books.insert(book).await {
            Ok(made) => Ok(made.into_inner().id),
            Err(BookError::IsbnTaken { by }) => Ok(by),
            Err(BookError::Store(error)) => Err(error.into()),
            Err(_) => Err(DeskError::Failed),
        }
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::TryAgain,
            StoreError::Full(_) | StoreError::Unexpected(_) => Self::Failed,
        }
    }
}
