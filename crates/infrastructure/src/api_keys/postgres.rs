use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyError, ApiKeyId, ApiKeyRepository, ApiKeyUser, NewApiKey,
};
use bookshelf_domain::{Made, StoreError, Timestamp};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::rows::{ApiKeyRow, ApiKeyUserRow, NewApiKeyRow};
use crate::answers::postgres::make_once;
use crate::failure::Failure;
use crate::postgres::{Postgres, violated_constraint};
use crate::schema::{api_keys, users};

/// The API keys in a PostgreSQL database.
#[derive(Clone)]
pub struct PostgresApiKeyRepository {
    postgres: Postgres,
}

impl PostgresApiKeyRepository {
    pub fn new(postgres: Postgres) -> Self {
        Self { postgres }
    }
}

#[async_trait]
impl ApiKeyRepository for PostgresApiKeyRepository {
    async fn insert(&self, mut key: NewApiKey) -> Result<Made<ApiKey>, ApiKeyError> {
        let once = key.once.take();
        let row = NewApiKeyRow::from(&key);
        self.postgres
            .write(async move |conn| {
                make_once(conn, once, async |conn| insert(conn, &row).await).await
            })
            .await
    }

    async fn find_by_prefix(&self, prefix: &str) -> Result<Option<ApiKeyUser>, StoreError> {
        let prefix = prefix.to_owned();
        let row = self
            .postgres
            .read::<_, StoreError>(async move |conn| {
                Ok(api_keys::table
                    .inner_join(users::table)
                    .filter(api_keys::prefix.eq(prefix))
                    .select(ApiKeyUserRow::as_select())
                    .first(conn)
                    .await
                    .optional()?)
            })
            .await?;
        row.map(ApiKeyUser::try_from).transpose()
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self
            .postgres
            .read::<_, StoreError>(async move |conn| {
                Ok(api_keys::table
                    .filter(api_keys::user_id.eq(user))
                    .order(api_keys::id.desc())
                    .select(ApiKeyRow::as_select())
                    .load(conn)
                    .await?)
            })
            .await?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    async fn delete(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        self.postgres
            .statement(async move |conn| {
                let key = api_keys::table.find(id).filter(api_keys::user_id.eq(user));
                Ok(diesel::delete(key).execute(conn).await? > 0)
            })
            .await
    }

    async fn touch(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        self.postgres
            .statement(async move |conn| {
                diesel::update(api_keys::table.find(id))
                    .set(api_keys::last_used_at.eq(at.timestamp_micros()))
                    .execute(conn)
                    .await?;
                Ok(())
            })
            .await
    }
}

async fn insert(
    conn: &mut AsyncPgConnection,
    key: &NewApiKeyRow,
) -> Result<ApiKey, Failure<ApiKeyError>> {
    let row = diesel::insert_into(api_keys::table)
        .values(key)
        .returning(ApiKeyRow::as_returning())
        .get_result(conn)
        .await
        .map_err(|error| match violated_constraint(&error) {
            Some("api_keys_user_id_fkey") => Failure::Domain(ApiKeyError::NotFound),
            _ => Failure::Database(error),
        })?;
    ApiKey::try_from(row).map_err(|error| Failure::Domain(error.into()))
}
