//! Shelves. A shelf is the private list of books that a user keeps.
//!
//! A use case acts on the shelf of its caller. None takes the id of another user.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfDraft, ShelfEntry, ShelfEntryId, ShelfPatch, ShelfQuery, ShelfRepository,
    ShelfStats, ShelfUpdate,
};
use bookshelf_domain::{Clock, Expected, IdempotencyKey, Listing, Made};

use crate::{Error, Reader, Writer};

/// The use cases of the shelf.
#[derive(Clone)]
pub struct Shelves {
    repository: Arc<dyn ShelfRepository>,
    clock: Arc<dyn Clock>,
}

impl Shelves {
    pub fn new(repository: Arc<dyn ShelfRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { repository, clock }
    }

    /// Puts a book on the caller's shelf. A caller who may not write the catalogue can only put a book
    /// of the catalogue there. Requests with the same idempotency key add only one entry.
    pub async fn add(
        &self,
        writer: &Writer,
        draft: ShelfDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<ShelfEntry>, Error> {
        let at = self.clock.now();
        let (target, fields) = draft.into_entry(at)?;
        let user_id = writer.user_id();
        let when_unknown = writer.when_unknown();
        let most = ShelfEntry::MAX;
        let entry =
            NewShelfEntry { user_id, target, when_unknown, most, fields, at, idempotency_key };
        Ok(self.repository.insert(entry).await?)
    }

    pub async fn get(&self, reader: &Reader, id: ShelfEntryId) -> Result<ShelfEntry, Error> {
        let found = self.repository.find(reader.user_id(), id).await?;
        found.ok_or(Error::NotFound("shelf entry"))
    }

    pub async fn list(
        &self,
        reader: &Reader,
        query: ShelfQuery,
    ) -> Result<Listing<ShelfEntry>, Error> {
        Ok(self.repository.list(ShelfQuery { user: reader.user_id(), ..query }).await?)
    }

    /// Replaces all fields of an entry. A field that the draft leaves out takes its default.
    pub async fn replace(
        &self,
        writer: &Writer,
        id: ShelfEntryId,
        expected: Expected,
        draft: ShelfDraft,
    ) -> Result<ShelfEntry, Error> {
        self.update(writer.user_id(), id, expected, draft.into_fields()?.into()).await
    }

    /// Changes the fields that the draft sends.
    pub async fn patch(
        &self,
        writer: &Writer,
        id: ShelfEntryId,
        expected: Expected,
        draft: ShelfDraft,
    ) -> Result<ShelfEntry, Error> {
        self.update(writer.user_id(), id, expected, draft.into_patch()?).await
    }

    /// Takes a book off the caller's shelf. The book stays in the catalogue.
    pub async fn remove(
        &self,
        writer: &Writer,
        id: ShelfEntryId,
        expected: Expected,
    ) -> Result<(), Error> {
        Ok(self.repository.delete(writer.user_id(), id, expected).await?)
    }

    pub async fn stats(&self, reader: &Reader) -> Result<ShelfStats, Error> {
        Ok(self.repository.stats(reader.user_id()).await?)
    }

    async fn update(
        &self,
        user_id: UserId,
        id: ShelfEntryId,
        expected: Expected,
        patch: ShelfPatch,
    ) -> Result<ShelfEntry, Error> {
        let at = self.clock.now();
        Ok(self.repository.update(ShelfUpdate { user_id, id, expected, patch, at }).await?)
    }
}
