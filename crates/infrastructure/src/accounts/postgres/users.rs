use async_trait::async_trait;
use bookshelf_domain::accounts::{
    Email, NewUser, PasswordHash, Role, SessionId, StoredCredentials, User, UserError, UserId,
    UserQuery, UserRepository, UserUpdate,
};
use bookshelf_domain::{Expected, Listing, Made, StoreError, Timestamp};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::select;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::sessions::end_live;
use super::user_list;
use crate::accounts::rows::{CredentialsRow, NewUserRow, UserChangeset, UserRow};
use crate::answers::postgres::make_once;
use crate::failure::Failure;
use crate::postgres::{Postgres, violated_constraint};
use crate::schema::users;

/// Held by a transaction that may leave one admin less; the number is "admins" in ASCII.
const ADMINS_LOCK: i64 = 0x6164_6d69_6e73;

/// The accounts in a PostgreSQL database.
#[derive(Clone)]
pub struct PostgresUserRepository {
    postgres: Postgres,
}

impl PostgresUserRepository {
    pub fn new(postgres: Postgres) -> Self {
        Self { postgres }
    }
}

#[async_trait]
impl UserRepository for PostgresUserRepository {
    async fn insert(&self, mut user: NewUser) -> Result<Made<User>, UserError> {
        let once = user.once.take();
        let row = NewUserRow::from(user);
        self.postgres
            .write(async move |conn| {
                make_once(conn, once, async |conn| insert(conn, &row).await).await
            })
            .await
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self
            .postgres
            .read::<_, StoreError>(async move |conn| {
                let user = users::table.find(id).select(UserRow::as_select());
                Ok(user.get_result(conn).await.optional()?)
            })
            .await?;
        row.map(User::try_from).transpose()
    }

    async fn find_by_email(&self, email: Email) -> Result<Option<StoredCredentials>, StoreError> {
        let email = email.folded().into_string();
        let row = self
            .postgres
            .read::<_, StoreError>(async move |conn| {
                let user = users::table.filter(users::email_folded.eq(email));
                Ok(user.select(CredentialsRow::as_select()).get_result(conn).await.optional()?)
            })
            .await?;
        row.map(StoredCredentials::try_from).transpose()
    }

    async fn credentials(&self, id: UserId) -> Result<Option<StoredCredentials>, StoreError> {
        let row = self
            .postgres
            .read::<_, StoreError>(async move |conn| {
                let user = users::table.find(id).select(CredentialsRow::as_select());
                Ok(user.get_result(conn).await.optional()?)
            })
            .await?;
        row.map(StoredCredentials::try_from).transpose()
    }

    async fn list(&self, query: UserQuery) -> Result<Listing<User>, StoreError> {
        let Listing { items, has_next, total } =
            self.postgres.scan(async move |conn| user_list::page(conn, &query).await).await?;
        let items = items.into_iter().map(User::try_from).collect::<Result<_, _>>()?;
        Ok(Listing { items, has_next, total })
    }

    async fn update(&self, update: UserUpdate) -> Result<User, UserError> {
        self.postgres.write(async move |conn| self::update(conn, update).await).await
    }

    async fn set_password(
        &self,
        id: UserId,
        hash: PasswordHash,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), UserError> {
        self.postgres
            .write(async move |conn| {
                let set = diesel::update(users::table.find(id))
                    .set(users::password_hash.eq(hash.expose()))
                    .execute(conn)
                    .await?;
                if set == 0 {
                    return Err(Failure::Domain(UserError::NotFound));
                }
                end_live(conn, id, keep, at).await?;
                Ok(())
            })
            .await
    }

    async fn replace_hash(
        &self,
        id: UserId,
        old: PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError> {
        self.postgres
            .statement(async move |conn| {
                let user = users::table.find(id).filter(users::password_hash.eq(old.expose()));
                let replaced =
                    diesel::update(user).set(users::password_hash.eq(new.expose())).execute(conn);
                replaced.await?;
                Ok(())
            })
            .await
    }

    async fn delete(&self, id: UserId, expected: Expected) -> Result<(), UserError> {
        self.postgres
            .write(async move |conn| {
                lock_admins(conn).await?;
                let user = expected_user(conn, id, &expected).await?;
                diesel::delete(users::table.find(id)).execute(conn).await?;
                if user.role == Role::Admin {
                    check_admin_left(conn).await?;
                }
                Ok(())
            })
            .await
    }
}

type Outcome<T> = Result<T, Failure<UserError>>;

async fn insert(conn: &mut AsyncPgConnection, user: &NewUserRow) -> Outcome<User> {
    // Both may be taken, and PostgreSQL names one violated constraint: the email's is told first.
    let taken = users::table.filter(users::email_folded.eq(&user.email_folded));
    if select(exists(taken)).get_result(conn).await? {
        return Err(Failure::Domain(UserError::EmailTaken));
    }
    let row = diesel::insert_into(users::table)
        .values(user)
        .returning(UserRow::as_returning())
        .get_result::<UserRow>(conn)
        .await
        .map_err(taken_or_failed)?;
    User::try_from(row).map_err(|error| Failure::Domain(error.into()))
}

async fn update(conn: &mut AsyncPgConnection, update: UserUpdate) -> Outcome<User> {
    if update.patch.role.is_some_and(|role| role != Role::Admin) {
        lock_admins(conn).await?;
    }
    let before = expected_user(conn, update.id, &update.expected).await?;
    let after = update.apply(&before);
    if after == before {
        return Ok(after);
    }
    diesel::update(users::table.find(after.id))
        .set(UserChangeset::from(&after))
        .execute(conn)
        .await
        .map_err(taken_or_failed)?;
    if before.role == Role::Admin && after.role != Role::Admin {
        check_admin_left(conn).await?;
    }
    Ok(after)
}

/// The user, which nobody else changes until the transaction ends.
async fn expected_user(
    conn: &mut AsyncPgConnection,
    id: UserId,
    expected: &Expected,
) -> Outcome<User> {
    let user = users::table.find(id).select(UserRow::as_select()).for_update();
    let row = user.get_result(conn).await.optional()?;
    let row = row.ok_or(Failure::Domain(UserError::NotFound))?;
    let user = User::try_from(row).map_err(|error| Failure::Domain(error.into()))?;
    if expected.allows(user.version) { Ok(user) } else { Err(Failure::Domain(UserError::Stale)) }
}

/// Waits for every other transaction that may leave one admin less. Taken before any row is locked,
/// so that no two wait for each other.
async fn lock_admins(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let lock = diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(ADMINS_LOCK);
    lock.execute(conn).await.map(drop)
}

/// Asked after the write, which is taken back when there is none, and under the lock.
async fn check_admin_left(conn: &mut AsyncPgConnection) -> Outcome<()> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str()));
    if select(exists(admins)).get_result(conn).await? {
        Ok(())
    } else {
        Err(Failure::Domain(UserError::LastAdmin))
    }
}

fn taken_or_failed(error: Error) -> Failure<UserError> {
    match violated_constraint(&error) {
        Some("users_email_key") => Failure::Domain(UserError::EmailTaken),
        Some("users_username_key") => Failure::Domain(UserError::UsernameTaken),
        _ => Failure::Database(error),
    }
}
