use async_trait::async_trait;
use bookshelf_domain::accounts::{
    DeleteIf, Email, NewUser, PasswordHash, PasswordUpdate, StoredCredentials, User, UserError,
    UserId, UserQuery, UserRepository, UserUpdate,
};
use bookshelf_domain::{Expected, IdempotencyKey, Listing, Made, StoreError, Timestamp};
use diesel::dsl::max;
use diesel::prelude::*;

use super::dialect::{Connection, Engine, RunQueryDsl};
use super::idempotency::{create, find_stored};
use super::{user_commands, user_list};
use crate::accounts::rows::{CredentialsRow, NewUserRow, UserRow};
use crate::schema::users;

/// The accounts in a database.
#[derive(Clone)]
pub(crate) struct UserAdapter(pub(crate) Engine);

#[async_trait]
impl UserRepository for UserAdapter {
    async fn insert(&self, mut user: NewUser) -> Result<Made<User>, UserError> {
        let (key, at) = (user.idempotency_key.take(), user.at);
        let row = NewUserRow::from(user);
        create(&self.0, key, at, async move |conn| user_commands::insert(conn, &row).await).await
    }

    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<User>, UserError> {
        find_stored(&self.0, key, at).await
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let find = self.0.read::<_, StoreError>(async move |conn| {
            let user = users::table.find(id.get()).select(UserRow::as_select());
            Ok(user.get_result(conn).await.optional()?)
        });
        find.await?.map(User::try_from).transpose()
    }

    async fn find_by_email(&self, email: Email) -> Result<Option<StoredCredentials>, StoreError> {
        let email = email.folded().into_string();
        let find = self.0.read::<_, StoreError>(async move |conn| {
            let user = users::table.filter(users::email_folded.eq(email));
            Ok(user.select(CredentialsRow::as_select()).get_result(conn).await.optional()?)
        });
        find.await?.map(StoredCredentials::try_from).transpose()
    }

    async fn credentials(&self, id: UserId) -> Result<Option<StoredCredentials>, StoreError> {
        let find = self.0.read::<_, StoreError>(async move |conn| {
            let user = users::table.find(id.get()).select(CredentialsRow::as_select());
            Ok(user.get_result(conn).await.optional()?)
        });
        find.await?.map(StoredCredentials::try_from).transpose()
    }

    async fn slowest_hash(&self) -> Result<Option<PasswordHash>, StoreError> {
        let find = self.0.query::<_, StoreError>(async move |conn: &mut Connection| {
            Ok(users::table.select(max(users::password_hash)).get_result(conn).await?)
        });
        let hash: Option<String> = find.await?;
        Ok(hash.map(PasswordHash::new))
    }

    async fn list(&self, query: UserQuery) -> Result<Listing<User>, StoreError> {
        let count = query.count;
        let page = async move |conn: &mut Connection| user_list::page(conn, &query).await;
        let Listing { items, has_next, total } =
            if count { self.0.scan(page).await? } else { self.0.query(page).await? };
        let items = items.into_iter().map(User::try_from).collect::<Result<_, _>>()?;
        Ok(Listing { items, has_next, total })
    }

    async fn update(&self, update: UserUpdate) -> Result<User, UserError> {
        self.0.write(async move |conn| user_commands::update(conn, update).await).await
    }

    async fn set_password(&self, update: PasswordUpdate) -> Result<(), UserError> {
        self.0.write(async move |conn| user_commands::set_password(conn, &update).await).await
    }

    async fn replace_hash(
        &self,
        id: UserId,
        old: PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError> {
        let replace = self.0.statement(async move |conn| {
            user_commands::replace_hash(conn, id, &old, &new).await?;
            Ok(())
        });
        replace.await
    }

    async fn shorten_shelf(
        &self,
        id: UserId,
        condition: DeleteIf,
        most: u32,
    ) -> Result<bool, UserError> {
        let shorten = async move |conn: &mut Connection| {
            user_commands::shorten_shelf(conn, id, &condition, most).await
        };
        self.0.write(shorten).await
    }

    async fn delete(&self, id: UserId, expected: Expected) -> Result<(), UserError> {
        let condition = DeleteIf::Version(expected);
        self.0.write(async move |conn| user_commands::delete(conn, id, &condition).await).await
    }

    async fn delete_verified(&self, id: UserId, verified: PasswordHash) -> Result<(), UserError> {
        let condition = DeleteIf::Password(verified);
        self.0.write(async move |conn| user_commands::delete(conn, id, &condition).await).await
    }
}
