use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyError, ApiKeyId, ApiKeyRepository, ApiKeyUser, NewApiKey,
};
use bookshelf_domain::{Made, StoreError, Timestamp};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::rows::{ApiKeyRow, ApiKeyUserRow, NewApiKeyRow};
use crate::answers::sqlite::make_once;
use crate::failure::Failure;
use crate::schema::{api_keys, users};
use crate::sqlite::Sqlite;

/// The API keys in a SQLite database.
#[derive(Clone)]
pub struct SqliteApiKeyRepository {
    sqlite: Sqlite,
}

impl SqliteApiKeyRepository {
    pub fn new(sqlite: Sqlite) -> Self {
        Self { sqlite }
    }
}

#[async_trait]
impl ApiKeyRepository for SqliteApiKeyRepository {
    async fn insert(&self, mut key: NewApiKey) -> Result<Made<ApiKey>, ApiKeyError> {
        let once = key.once.take();
        self.sqlite
            .write(move |conn| {
                make_once(conn, once, |conn| insert(conn, &NewApiKeyRow::from(&key)))
            })
            .await
    }

    async fn find_by_prefix(&self, prefix: &str) -> Result<Option<ApiKeyUser>, StoreError> {
        let prefix = prefix.to_owned();
        let row = self
            .sqlite
            .read::<_, StoreError>(move |conn| {
                Ok(api_keys::table
                    .inner_join(users::table)
                    .filter(api_keys::prefix.eq(prefix))
                    .select(ApiKeyUserRow::as_select())
                    .first(conn)
                    .optional()?)
            })
            .await?;
        row.map(ApiKeyUser::try_from).transpose()
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self
            .sqlite
            .scan::<_, StoreError>(move |conn| {
                Ok(api_keys::table
                    .filter(api_keys::user_id.eq(user))
                    .order(api_keys::id.desc())
                    .select(ApiKeyRow::as_select())
                    .load(conn)?)
            })
            .await?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    async fn delete(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        self.sqlite
            .write(move |conn| {
                let key = api_keys::table.find(id).filter(api_keys::user_id.eq(user));
                Ok(diesel::delete(key).execute(conn)? > 0)
            })
            .await
    }

    async fn touch(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        self.sqlite
            .write(move |conn| {
                diesel::update(api_keys::table.find(id))
                    .set(api_keys::last_used_at.eq(at.timestamp_micros()))
                    .execute(conn)?;
                Ok(())
            })
            .await
    }
}

fn insert(conn: &mut SqliteConnection, key: &NewApiKeyRow) -> Result<ApiKey, Failure<ApiKeyError>> {
    let row = diesel::insert_into(api_keys::table)
        .values(key)
        .returning(ApiKeyRow::as_returning())
        .get_result(conn)
        .map_err(|error| match error {
            Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Failure::Domain(ApiKeyError::NotFound)
            }
            error => Failure::Database(error),
        })?;
    ApiKey::try_from(row).map_err(|error| Failure::Domain(error.into()))
}
