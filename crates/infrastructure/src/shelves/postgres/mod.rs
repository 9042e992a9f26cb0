mod commands;
mod import;
mod list;

use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::Imported;
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfError, ShelfQuery, ShelfRepository,
    ShelfStats, ShelfUpdate,
};
use bookshelf_domain::{Expected, Listing, Made, StoreError};

use super::rows::entries;
use crate::answers::postgres::make_once;
use crate::postgres::Postgres;

/// The shelves in PostgreSQL.
#[derive(Clone)]
pub struct PostgresShelfRepository(Postgres);

impl PostgresShelfRepository {
    pub const fn new(postgres: Postgres) -> Self {
        Self(postgres)
    }
}

#[async_trait]
impl ShelfRepository for PostgresShelfRepository {
    async fn insert(&self, mut entry: NewShelfEntry) -> Result<Made<ShelfEntry>, ShelfError> {
        let once = entry.once.take();
        self.0
            .write(async move |conn| {
                make_once(conn, once, async |conn| commands::insert(conn, entry).await).await
            })
            .await
    }

    async fn find(&self, user: UserId, id: ShelfEntryId) -> Result<Option<ShelfEntry>, StoreError> {
        let row = self
            .0
            .scan::<_, StoreError>(async move |conn| Ok(commands::find(conn, user, id).await?))
            .await?;
        row.map(ShelfEntry::try_from).transpose()
    }

    async fn list(&self, query: ShelfQuery) -> Result<Listing<ShelfEntry>, StoreError> {
        let page = self.0.scan::<_, StoreError>(async move |conn| {
            let page = list::page(conn, &query).await?;
            Ok(page)
        });
        let Listing { items, has_next, total } = page.await?;
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
        let counted = self
            .0
            .scan::<_, StoreError>(async move |conn| Ok(list::count_up(conn, user).await?))
            .await?;
        counted.try_into()
    }

    async fn read_after(
        &self,
        user: UserId,
        after: ShelfEntryId,
        limit: u32,
    ) -> Result<Vec<ShelfEntry>, StoreError> {
        let rows = self
            .0
            .scan::<_, StoreError>(async move |conn| {
                Ok(list::read_after(conn, user, after, limit).await?)
            })
            .await?;
        entries(rows)
    }

    async fn import(&self, user: UserId, batch: ShelfBatch) -> Result<Vec<Imported>, ShelfError> {
        self.0.write(async move |conn| import::import(conn, user, batch).await).await
    }
}
