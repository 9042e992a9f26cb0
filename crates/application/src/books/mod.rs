//! The catalogue: reading it is everybody's, writing it a user's, deleting from it an admin's.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::books::{
    Book, BookDraft, BookId, BookQuery, BookRepository, BookUpdate, Isbn, NewBook, WhenShelved,
};
use bookshelf_domain::{Clock, DraftContext, Expected, Intent, Listing, Made};

use crate::{Actor, Admin, Error, Retriable, Retries};

/// The use cases of the catalogue.
#[derive(Clone)]
pub struct Books {
    repository: Arc<dyn BookRepository>,
    clock: Arc<dyn Clock>,
    retries: Retries,
}

impl Books {
    pub fn new(
        repository: Arc<dyn BookRepository>,
        clock: Arc<dyn Clock>,
        retries: Retries,
    ) -> Self {
        Self { repository, clock, retries }
    }

    pub async fn get(&self, id: BookId) -> Result<Book, Error> {
        self.repository.find(id).await?.ok_or(Error::NotFound("book"))
    }

    /// Finds a book by its ISBN in any form.
    pub async fn get_by_isbn(&self, isbn: &str) -> Result<Book, Error> {
        let isbn = Isbn::parse(isbn).map_err(|fault| fault.of("isbn"))?;
        self.repository.find_by_isbn(isbn).await?.ok_or(Error::NotFound("book"))
    }

    pub async fn list(&self, query: BookQuery) -> Result<Listing<Book>, Error> {
        Ok(self.repository.list(query).await?)
    }

    /// Adds a book; with `retry`, once however often it is sent.
    pub async fn create(
        &self,
        _: &Actor,
        draft: BookDraft,
        retry: Option<Retriable<Book>>,
    ) -> Result<Made<Book>, Error> {
        let context = self.context(Intent::Create);
        let fields = draft.into_fields(&context)?;
        self.retries
            .make(retry, context.now, async |once| {
                let book = NewBook { fields, at: context.now, once };
                Ok(self.repository.insert(book).await?)
            })
            .await
    }

    pub async fn replace(
        &self,
        _: &Actor,
        id: BookId,
        expected: Expected,
        draft: BookDraft,
    ) -> Result<Book, Error> {
        let context = self.context(Intent::Replace);
        let patch = draft.into_fields(&context)?.into();
        let update = BookUpdate { id, expected, patch, at: context.now };
        Ok(self.repository.update(update).await?)
    }

    pub async fn patch(
        &self,
        _: &Actor,
        id: BookId,
        expected: Expected,
        draft: BookDraft,
    ) -> Result<Book, Error> {
        let context = self.context(Intent::Patch);
        let patch = draft.into_patch(&context)?;
        let update = BookUpdate { id, expected, patch, at: context.now };
        Ok(self.repository.update(update).await?)
    }

    /// Deletes a book, and, where `shelved` says so, the entries of the shelves it stands on.
    pub async fn delete(
        &self,
        admin: &Admin,
        id: BookId,
        expected: Expected,
        shelved: WhenShelved,
    ) -> Result<(), Error> {
        let shelf_entries = self.repository.delete(id, expected, shelved).await?;
        let by = admin.actor().user.id;
        tracing::info!(event = "book_deleted", book_id = id, shelf_entries, by, "audit");
        Ok(())
    }

    fn context(&self, intent: Intent) -> DraftContext {
        DraftContext { intent, now: self.clock.now() }
    }
}
