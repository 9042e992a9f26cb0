use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyError, ApiKeyId, ApiKeyRepository, ApiKeyUser, CreatedApiKey, NewApiKey,
};
use bookshelf_domain::{IdempotencyKey, Made, StoreError, Timestamp};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::dialect::{Connection, Engine, RunQueryDsl, lock};
use super::idempotency::{find_stored, make_once};
use crate::api_keys::{ApiKeyRow, ApiKeyUserRow, NewApiKeyRow};
use crate::failure::Failure;
use crate::schema::{api_keys, users};

/// The API keys in a database.
#[derive(Clone)]
pub(crate) struct ApiKeyAdapter(pub(crate) Engine);

#[async_trait]
impl ApiKeyRepository for ApiKeyAdapter {
    async fn insert(&self, mut key: NewApiKey) -> Result<Made<CreatedApiKey>, ApiKeyError> {
        let (idempotency_key, at) = (key.idempotency_key.take(), key.at);
        let row = NewApiKeyRow::from(&key);
        let secret = key.secret;
        let insert = async move |conn: &mut Connection| {
            Ok(CreatedApiKey { key: insert(conn, &row).await?, secret })
        };
        let create =
            async move |conn: &mut Connection| make_once(conn, idempotency_key, at, insert).await;
        self.0.write(create).await
    }

    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<CreatedApiKey>, ApiKeyError> {
        find_stored(&self.0, key, at).await
    }

    async fn find_by_prefix(&self, prefix: &str) -> Result<Option<ApiKeyUser>, StoreError> {
        let prefix = prefix.to_owned();
        let find = self.0.read::<_, StoreError>(async move |conn| {
            Ok(api_keys::table
                .inner_join(users::table)
                .filter(api_keys::prefix.eq(prefix))
                .select(ApiKeyUserRow::as_select())
                .get_result(conn)
                .await
                .optional()?)
        });
        find.await?.map(ApiKeyUser::try_from).transpose()
    }

    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let list = self.0.read::<Vec<ApiKeyRow>, StoreError>(async move |conn| {
            Ok(api_keys::table
                .filter(api_keys::user_id.eq(user.get()))
                .order(api_keys::id.desc())
                .select(ApiKeyRow::as_select())
                .load(conn)
                .await?)
        });
        list.await?.into_iter().map(ApiKey::try_from).collect()
    }

    async fn delete(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        let delete = self.0.statement(async move |conn| {
            let key = api_keys::table.find(id.get()).filter(api_keys::user_id.eq(user.get()));
            Ok(diesel::delete(key).execute(conn).await? > 0)
        });
        delete.await
    }

    async fn touch(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        let touch = self.0.statement(async move |conn| {
            let touched = diesel::update(api_keys::table.find(id.get()))
                .set(api_keys::last_used_at.eq(at.timestamp_micros()));
            touched.execute(conn).await?;
            Ok(())
        });
        touch.await
    }
}

async fn insert(conn: &mut Connection, key: &NewApiKeyRow) -> Result<ApiKey, Failure<ApiKeyError>> {
    // Two simultaneous requests of a user must not both find room for the last key.
    lock(conn, users::table.find(key.user_id).select(users::id)).await?;
    let keys = api_keys::table.filter(api_keys::user_id.eq(key.user_id)).count();
    if keys.get_result::<i64>(conn).await? >= ApiKey::MAX {
        return Err(Failure::Domain(ApiKeyError::TooMany));
    }
    let row = diesel::insert_into(api_keys::table)
        .values(key)
        .returning(ApiKeyRow::as_returning())
        .get_result::<ApiKeyRow>(conn)
        .await
        .map_err(|error| match error {
            // The table has one foreign key: the user.
            Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Failure::Domain(ApiKeyError::NotFound)
            }
            error => Failure::Database(error),
        })?;
    ApiKey::try_from(row).map_err(Failure::Store)
}
