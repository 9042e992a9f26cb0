use std::sync::Arc;

use async_trait::async_trait;
use bookshelf_domain::books::{Book, BookId, BookQuery, BookReader, Isbn};
use bookshelf_domain::{Listing, StoreError};

use crate::postgres::Replica;
use crate::postgres::adapters::books::BookAdapter;

/// Reads the catalogue from a replica, or from the primary while the replica fails or is too far
/// behind.
///
/// The answers may be slightly out of date, so a client that has just written needs another reader.
pub struct ReplicatedBookReader {
    primary: Arc<dyn BookReader>,
    replica: Replica,
}

impl ReplicatedBookReader {
    pub fn new(primary: Arc<dyn BookReader>, replica: Replica) -> Self {
        Self { primary, replica }
    }

    fn replica(&self) -> Option<BookAdapter> {
        self.replica.usable().cloned().map(BookAdapter)
    }

    /// The answer of the replica. After an error the replica is not used for a while, and the
    /// caller asks the primary.
    fn accept<T>(&self, answer: Result<T, StoreError>) -> Option<T> {
        answer.inspect_err(|error| self.replica.mark_unusable(error)).ok()
    }
}

#[async_trait]
impl BookReader for ReplicatedBookReader {
    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError> {
        if let Some(replica) = self.replica()
            && let Some(found) = self.accept(replica.find(id).await)
        {
            return Ok(found);
        }
        self.primary.find(id).await
    }

    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError> {
        if let Some(replica) = self.replica()
            && let Some(found) = self.accept(replica.find_by_isbn(isbn).await)
        {
            return Ok(found);
        }
        self.primary.find_by_isbn(isbn).await
    }

    async fn list(&self, query: BookQuery) -> Result<Listing<Book>, StoreError> {
        if let Some(replica) = self.replica()
            && let Some(page) = self.accept(replica.list(query.clone()).await)
        {
            return Ok(page);
        }
        self.primary.list(query).await
    }
}
