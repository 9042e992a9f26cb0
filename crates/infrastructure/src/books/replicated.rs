use std::sync::Arc;

use async_trait::async_trait;
use bookshelf_domain::books::{
    Book, BookError, BookId, BookQuery, BookRepository, BookUpdate, CoverUpdate, ImportBatch,
    Imported, Isbn, NewBook, WhenShelved,
};
use bookshelf_domain::covers::CoverName;
use bookshelf_domain::{Expected, Listing, Made, StoreError};

use crate::postgres::Replica;
use crate::postgres::adapters::books::BookAdapter;

/// The catalogue of a primary, read from its replica while that is well.
///
/// A replica may be a moment behind, so this is not for a caller who has just written.
pub struct ReplicatedBookRepository {
    primary: Arc<dyn BookRepository>,
    replica: Replica,
}

impl ReplicatedBookRepository {
    pub fn new(primary: Arc<dyn BookRepository>, replica: Replica) -> Self {
        Self { primary, replica }
    }

    fn replica(&self) -> Option<BookAdapter> {
        self.replica.usable().cloned().map(BookAdapter::new)
    }

    /// What the replica answered. Where it could not, the primary is asked.
    fn heard<T>(&self, answer: Result<T, StoreError>) -> Option<T> {
        answer.inspect_err(|error| self.replica.leave_out(error)).ok()
    }
}

#[async_trait]
impl BookRepository for ReplicatedBookRepository {
    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError> {
        if let Some(replica) = self.replica()
            && let Some(found) = self.heard(replica.find(id).await)
        {
            return Ok(found);
        }
        self.primary.find(id).await
    }

    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError> {
        if let Some(replica) = self.replica()
            && let Some(found) = self.heard(replica.find_by_isbn(isbn).await)
        {
            return Ok(found);
        }
        self.primary.find_by_isbn(isbn).await
    }

    async fn list(&self, query: BookQuery) -> Result<Listing<Book>, StoreError> {
        if let Some(replica) = self.replica()
            && let Some(page) = self.heard(replica.list(query.clone()).await)
        {
            return Ok(page);
        }
        self.primary.list(query).await
    }

    async fn read_after(&self, after: BookId, limit: u32) -> Result<Vec<Book>, StoreError> {
        self.primary.read_after(after, limit).await
    }

    async fn insert(&self, book: NewBook) -> Result<Made<Book>, BookError> {
        self.primary.insert(book).await
    }

    async fn update(&self, update: BookUpdate) -> Result<Book, BookError> {
        self.primary.update(update).await
    }

    async fn set_cover(&self, update: CoverUpdate) -> Result<Book, BookError> {
        self.primary.set_cover(update).await
    }

    async fn used_covers(&self, names: Vec<CoverName>) -> Result<Vec<CoverName>, StoreError> {
        self.primary.used_covers(names).await
    }

    async fn delete(
        &self,
        id: BookId,
        expected: Expected,
        shelved: WhenShelved,
    ) -> Result<u64, BookError> {
        self.primary.delete(id, expected, shelved).await
    }

    async fn import(&self, batch: ImportBatch) -> Result<Vec<Imported>, StoreError> {
        self.primary.import(batch).await
    }
}
