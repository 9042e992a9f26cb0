use std::sync::Arc;

use async_trait::async_trait;
use bookshelf_domain::books::{Book, BookId, BookQuery, BookReader, Isbn};
use bookshelf_domain::{Listing, StoreError};

use crate::postgres::Replica;
use crate::postgres::adapters::books::BookAdapter;

/// Reads the catalogue from a replica while it works and is not too far behind, else from the
/// primary.
///
/// Its answers may be a moment old, so it is not for a client that has just written.
pub struct ReplicatedBookReader {
    primary: Arc<dyn BookReader>,
    replica: Replica,
}

impl ReplicatedBookReader {
    pub fn new(primary: Arc<dyn BookReader>, replica: Replica) -> Self {
        Self { primary, replica }
    }

    fn replica(&self) -> Option<BookAdapter> {
        self.replica.usable().cloned().map(BookAdapter::new)
    }

    /// The answer of the replica. An error leaves the replica out, and the primary is asked.
    fn accept<T>(&self, answer: Result<T, StoreError>) -> Option<T> {
        answer.inspect_err(|error| self.replica.leave_out(error)).ok()
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
