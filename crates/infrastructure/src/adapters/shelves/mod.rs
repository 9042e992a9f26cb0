//! Shelves.

mod commands;
mod import;
mod list;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{
    ImportedEntry, NewShelfEntry, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfError, ShelfQuery,
    ShelfRepository, ShelfStats, ShelfUpdate,
};
use bookshelf_domain::{Expected, Listing, Made, StoreError};
use diesel::prelude::*;

use super::books::import::find_or_add;
use super::dialect::{Connection, Engine, RunQueryDsl};
use super::idempotency::make_once;
#[cfg(test)]
use super::support;
use super::{conditions, dialect, dry_run};
use crate::shelves::entries;

/// The shelves in a database.
#[derive(Clone)]
pub(crate) struct ShelfAdapter(pub(crate) Engine);

#[async_trait]
impl ShelfRepository for ShelfAdapter {
    async fn insert(&self, mut entry: NewShelfEntry) -> Result<Made<ShelfEntry>, ShelfError> {
        let (key, at) = (entry.idempotency_key.take(), entry.at);
        let insert = self.0.write(async move |conn| {
            make_once(conn, key, at, async |conn| commands::insert(conn, entry).await).await
        });
        insert.await
    }

    async fn find(&self, user: UserId, id: ShelfEntryId) -> Result<Option<ShelfEntry>, StoreError> {
        let find = self.0.read::<_, StoreError>(async move |conn| {
            Ok(commands::entry(user, id).get_result(conn).await.optional()?)
        });
        find.await?.map(ShelfEntry::try_from).transpose()
    }

    async fn list(&self, query: ShelfQuery) -> Result<Listing<ShelfEntry>, StoreError> {
        let count = query.count;
        let page = async move |conn: &mut Connection| list::page(conn, &query).await;
        let Listing { items, has_next, total } =
            if count { self.0.scan(page).await? } else { self.0.query(page).await? };
        Ok(Listing { items: entries(items)?, has_next, total })
    }

    async fn update(&self, update: ShelfUpdate) -> Result<ShelfEntry, ShelfError> {
        self.0.write(async move |conn| commands::update(conn, update).await).await
    }

    async fn delete(
        &self,
        user: UserId,
        id: ShelfEntryId,
        expected: Expected,
    ) -> Result<(), ShelfError> {
        self.0.write(async move |conn| commands::delete(conn, user, id, &expected).await).await
    }

    async fn stats(&self, user: UserId) -> Result<ShelfStats, StoreError> {
        let counts = self
            .0
            .scan::<_, StoreError>(async move |conn| Ok(list::count_by_kind(conn, user).await?));
        counts.await?.try_into()
    }

    async fn read_after(
        &self,
        user: UserId,
        after: ShelfEntryId,
        limit: u32,
    ) -> Result<Vec<ShelfEntry>, StoreError> {
        let read = self.0.query::<_, StoreError>(async move |conn| {
            Ok(list::read_after(conn, user, after, limit).await?)
        });
        entries(read.await?)
    }

    async fn import(
        &self,
        user: UserId,
        batch: ShelfBatch,
    ) -> Result<Vec<ImportedEntry>, ShelfError> {
        self.0.write(async move |conn| import::import(conn, user, batch).await).await
    }
}
