//! The catalogue. Everybody reads it, users add and change books unless the rules of the server let
//! only admins do so, and admins delete them.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::books::{
    Book, BookDraft, BookId, BookQuery, BookReader, BookRepository, BookUpdate, Isbn, NewBook,
    WhenShelved,
};
use bookshelf_domain::{Clock, Expected, IdempotencyKey, Listing, Made};

use crate::{AdminWriter, CatalogueWriter, Error};

/// The use cases of the catalogue.
#[derive(Clone)]
pub struct Books {
    reader: Arc<dyn BookReader>,
    repository: Arc<dyn BookRepository>,
    clock: Arc<dyn Clock>,
}

impl Books {
    pub fn new(
        reader: Arc<dyn BookReader>,
        repository: Arc<dyn BookRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { reader, repository, clock }
    }

    pub async fn get(&self, id: BookId) -> Result<Book, Error> {
        self.reader.find(id).await?.ok_or(Error::NotFound("book"))
    }

    /// Finds a book by its ISBN, which may be written in any form.
    pub async fn get_by_isbn(&self, isbn: &str) -> Result<Book, Error> {
        let isbn = Isbn::parse(isbn).map_err(|fault| fault.of("isbn"))?;
        self.reader.find_by_isbn(isbn).await?.ok_or(Error::NotFound("book"))
    }

    pub async fn list(&self, query: BookQuery) -> Result<Listing<Book>, Error> {
        Ok(self.reader.list(query).await?)
    }

    /// Adds a book. Requests with the same idempotency key add only one.
    pub async fn create(
        &self,
        _: &CatalogueWriter,
        draft: BookDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<Book>, Error> {
        let at = self.clock.now();
        let fields = draft.into_fields(at)?;
        Ok(self.repository.insert(NewBook { fields, at, idempotency_key }).await?)
    }

    /// Replaces all fields of a book. An optional field that the draft leaves out is cleared.
    pub async fn replace(
        &self,
        _: &CatalogueWriter,
        id: BookId,
        expected: Expected,
        draft: BookDraft,
    ) -> Result<Book, Error> {
        let at = self.clock.now();
        let patch = draft.into_fields(at)?.into();
        Ok(self.repository.update(BookUpdate { id, expected, patch, at }).await?)
    }

    /// Changes the fields that the draft sends.
    pub async fn patch(
        &self,
        _: &CatalogueWriter,
        id: BookId,
        expected: Expected,
        draft: BookDraft,
    ) -> Result<Book, Error> {
        let at = self.clock.now();
        let patch = draft.into_patch(at)?;
        Ok(self.repository.update(BookUpdate { id, expected, patch, at }).await?)
    }

    /// Deletes a book. `shelved` says what happens when it is on shelves.
    pub async fn delete(
        &self,
        admin: &AdminWriter,
        id: BookId,
        expected: Expected,
        shelved: WhenShelved,
    ) -> Result<(), Error> {
        let shelf_entries = self.repository.delete(id, expected, shelved).await?;
        let (book_id, by) = (id.get(), admin.user_id().get());
        tracing::info!(event = "book_deleted", book_id, shelf_entries, by, "audit");
        Ok(())
    }
}
