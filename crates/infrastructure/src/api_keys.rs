//! The rows of the table of API keys.

use bookshelf_domain::StoreError;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::api_keys::{
    ApiKey, ApiKeyId, ApiKeyName, ApiKeyUser, NewApiKey, Permission, Permissions,
};
use diesel::prelude::*;

use crate::accounts::rows::{UserRow, timestamp};
use crate::schema::api_keys;

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
pub(crate) struct ApiKeyRow {
    id: i64,
    user_id: i64,
    name: String,
    prefix: String,
    permissions: String,
    created_at: i64,
    last_used_at: Option<i64>,
    expires_at: Option<i64>,
}

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: ApiKeyRow) -> Result<Self, StoreError> {
        let permissions: Vec<_> = row.permissions.split(',').collect();
        Ok(Self {
            id: ApiKeyId::new(row.id),
            user_id: UserId::new(row.user_id),
            name: ApiKeyName::stored(row.name),
            prefix: row.prefix,
            // Permissions decide what the key may do, so they are checked again.
            permissions: Permissions::parse(&permissions).map_err(StoreError::unexpected)?,
            created_at: timestamp(row.created_at)?,
            last_used_at: row.last_used_at.map(timestamp).transpose()?,
            expires_at: row.expires_at.map(timestamp).transpose()?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
pub(crate) struct ApiKeyUserRow {
    #[diesel(embed)]
    key: ApiKeyRow,
    digest: Vec<u8>,
    #[diesel(embed)]
    user: UserRow,
}

impl TryFrom<ApiKeyUserRow> for ApiKeyUser {
    type Error = StoreError;

    fn try_from(row: ApiKeyUserRow) -> Result<Self, StoreError> {
        Ok(Self {
            key: row.key.try_into()?,
            digest: row
                .digest
                .try_into()
                .map_err(|_| StoreError::unexpected("the digest of an API key has 32 bytes"))?,
            user: row.user.try_into()?,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = api_keys)]
pub(crate) struct NewApiKeyRow {
    pub(crate) user_id: i64,
    name: String,
    prefix: String,
    digest: Vec<u8>,
    permissions: String,
    created_at: i64,
    expires_at: Option<i64>,
}

impl From<&NewApiKey> for NewApiKeyRow {
    fn from(key: &NewApiKey) -> Self {
        let permissions: Vec<_> = key.permissions.iter().map(Permission::as_str).collect();
        Self {
            user_id: key.user_id.get(),
            name: key.name.as_str().to_owned(),
            prefix: key.prefix.clone(),
            digest: key.digest.to_vec(),
            permissions: permissions.join(","),
            created_at: key.at.timestamp_micros(),
            expires_at: key.expires_at.map(|end| end.timestamp_micros()),
        }
    }
}
