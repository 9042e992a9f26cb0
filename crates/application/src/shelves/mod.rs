//! The shelf: what each user keeps about the books of the catalogue, for itself alone.
//!
//! Whose shelf it is follows from the actor: no use case takes a user beside it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfDraft, ShelfEntry, ShelfEntryId, ShelfPatch, ShelfQuery, ShelfRepository,
    ShelfStats, ShelfUpdate,
};
use bookshelf_domain::{Clock, DraftContext, Expected, Intent, Listing, Made};

use crate::{Actor, Error, Retriable, Retries};

/// The use cases of the shelf.
#[derive(Clone)]
pub struct Shelves {
    repository: Arc<dyn ShelfRepository>,
    clock: Arc<dyn Clock>,
    retries: Retries,
}

impl Shelves {
    pub fn new(
        repository: Arc<dyn ShelfRepository>,
        clock: Arc<dyn Clock>,
        retries: Retries,
    ) -> Self {
        Self { repository, clock, retries }
    }

    /// Puts a book on the actor's shelf; with `retry`, once however often it is sent.
    pub async fn add(
        &self,
        actor: &Actor,
        draft: ShelfDraft,
        retry: Option<Retriable<ShelfEntry>>,
    ) -> Result<Made<ShelfEntry>, Error> {
        let context = self.context(Intent::Create);
        let (target, fields) = draft.into_entry(&context)?;
        self.retries
            .make(retry, context.now, async |once| {
                let (user_id, at) = (actor.user.id, context.now);
                let entry = NewShelfEntry { user_id, target, fields, at, once };
                Ok(self.repository.insert(entry).await?)
            })
            .await
    }

    pub async fn get(&self, actor: &Actor, id: ShelfEntryId) -> Result<ShelfEntry, Error> {
        let found = self.repository.find(actor.user.id, id).await?;
        found.ok_or(Error::NotFound("shelf entry"))
    }

    pub async fn list(
        &self,
        actor: &Actor,
        query: ShelfQuery,
    ) -> Result<Listing<ShelfEntry>, Error> {
        Ok(self.repository.list(ShelfQuery { user: actor.user.id, ..query }).await?)
    }

    pub async fn replace(
        &self,
        actor: &Actor,
        id: ShelfEntryId,
        expected: Expected,
        draft: ShelfDraft,
    ) -> Result<ShelfEntry, Error> {
        let patch = draft.into_fields(&self.context(Intent::Replace))?.into();
        self.update(actor, id, expected, patch).await
    }

    pub async fn patch(
        &self,
        actor: &Actor,
        id: ShelfEntryId,
        expected: Expected,
        draft: ShelfDraft,
    ) -> Result<ShelfEntry, Error> {
        let patch = draft.into_patch(&self.context(Intent::Patch))?;
        self.update(actor, id, expected, patch).await
    }

    /// Takes a book off the actor's shelf; the book stays.
    pub async fn remove(
        &self,
        actor: &Actor,
        id: ShelfEntryId,
        expected: Expected,
    ) -> Result<(), Error> {
        Ok(self.repository.delete(actor.user.id, id, expected).await?)
    }

    pub async fn stats(&self, actor: &Actor) -> Result<ShelfStats, Error> {
        Ok(self.repository.stats(actor.user.id).await?)
    }

    async fn update(
        &self,
        actor: &Actor,
        id: ShelfEntryId,
        expected: Expected,
        patch: ShelfPatch,
    ) -> Result<ShelfEntry, Error> {
        let (user_id, at) = (actor.user.id, self.clock.now());
        let update = ShelfUpdate { user_id, id, expected, patch, at };
        Ok(self.repository.update(update).await?)
    }

    fn context(&self, intent: Intent) -> DraftContext {
        DraftContext { intent, now: self.clock.now() }
    }
}
