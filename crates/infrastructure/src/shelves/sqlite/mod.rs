mod commands;
mod import;
mod list;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::Imported;
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfError, ShelfQuery, ShelfRepository,
    ShelfStats, ShelfUpdate,
};
use bookshelf_domain::{Expected, Listing, Made, StoreError};

use super::rows::entries;
use crate::answers::sqlite::make_once;
use crate::sqlite::Sqlite;

/// The shelves in a SQLite database.
#[derive(Clone)]
pub struct SqliteShelfRepository {
    sqlite: Sqlite,
}

impl SqliteShelfRepository {
    pub fn new(sqlite: Sqlite) -> Self {
        Self { sqlite }
    }
}

#[async_trait]
impl ShelfRepository for SqliteShelfRepository {
    async fn insert(&self, mut entry: NewShelfEntry) -> Result<Made<ShelfEntry>, ShelfError> {
        let once = entry.once.take();
        self.sqlite
            .write(move |conn| make_once(conn, once, |conn| commands::insert(conn, entry)))
            .await
    }

    async fn find(&self, user: UserId, id: ShelfEntryId) -> Result<Option<ShelfEntry>, StoreError> {
        let row = self
            .sqlite
            .read::<_, StoreError>(move |conn| Ok(commands::find(conn, user, id)?))
            .await?;
        row.map(ShelfEntry::try_from).transpose()
    }

    async fn list(&self, query: ShelfQuery) -> Result<Listing<ShelfEntry>, StoreError> {
        let Listing { items, has_next, total } =
            self.sqlite.scan::<_, StoreError>(move |conn| Ok(list::page(conn, &query)?)).await?;
        Ok(Listing { items: entries(items)?, has_next, total })
    }

    async fn update(&self, update: ShelfUpdate) -> Result<ShelfEntry, ShelfError> {
        self.sqlite.write(move |conn| commands::update(conn, update)).await
    }

    async fn delete(
        &self,
        user: UserId,
        id: ShelfEntryId,
        expected: Expected,
    ) -> Result<(), ShelfError> {
        self.sqlite.write(move |conn| commands::delete(conn, user, id, &expected)).await
    }

    async fn stats(&self, user: UserId) -> Result<ShelfStats, StoreError> {
        let counted =
            self.sqlite.scan::<_, StoreError>(move |conn| Ok(list::count_up(conn, user)?)).await?;
        counted.try_into()
    }

    async fn read_after(
        &self,
        user: UserId,
        after: ShelfEntryId,
        limit: u32,
    ) -> Result<Vec<ShelfEntry>, StoreError> {
        let rows = self
            .sqlite
            .scan::<_, StoreError>(move |conn| Ok(list::read_after(conn, user, after, limit)?))
            .await?;
        entries(rows)
    }

    async fn import(&self, user: UserId, batch: ShelfBatch) -> Result<Vec<Imported>, ShelfError> {
        self.sqlite.write(move |conn| import::import(conn, user, batch)).await
    }
}
