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

use super::sessions::end_live;
use super::user_list;
use crate::accounts::rows::{CredentialsRow, NewUserRow, UserChangeset, UserRow};
use crate::answers::sqlite::make_once;
use crate::failure::Failure;
use crate::schema::users;
use crate::sqlite::{Sqlite, is_unique_violation};

/// The accounts in a SQLite database.
#[derive(Clone)]
pub struct SqliteUserRepository {
    sqlite: Sqlite,
}

impl SqliteUserRepository {
    pub fn new(sqlite: Sqlite) -> Self {
        Self { sqlite }
    }
}

#[async_trait]
impl UserRepository for SqliteUserRepository {
    async fn insert(&self, mut user: NewUser) -> Result<Made<User>, UserError> {
        let once = user.once.take();
        let row = NewUserRow::from(user);
        self.sqlite.write(move |conn| make_once(conn, once, |conn| insert(conn, &row))).await
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self.sqlite.read::<_, StoreError>(move |conn| Ok(find(conn, id)?)).await?;
        row.map(User::try_from).transpose()
    }

    async fn find_by_email(&self, email: Email) -> Result<Option<StoredCredentials>, StoreError> {
        let row = self
            .sqlite
            .read::<_, StoreError>(move |conn| Ok(credentials(conn, by_email(&email))?))
            .await?;
        row.map(StoredCredentials::try_from).transpose()
    }

    async fn credentials(&self, id: UserId) -> Result<Option<StoredCredentials>, StoreError> {
        let row = self
            .sqlite
            .read::<_, StoreError>(move |conn| Ok(credentials(conn, by_id(id))?))
            .await?;
        row.map(StoredCredentials::try_from).transpose()
    }

    async fn list(&self, query: UserQuery) -> Result<Listing<User>, StoreError> {
        let Listing { items, has_next, total } =
            self.sqlite.scan(move |conn| user_list::page(conn, &query)).await?;
        let items = items.into_iter().map(User::try_from).collect::<Result<_, _>>()?;
        Ok(Listing { items, has_next, total })
    }

    async fn update(&self, update: UserUpdate) -> Result<User, UserError> {
        self.sqlite.write(move |conn| self::update(conn, update)).await
    }

    async fn set_password(
        &self,
        id: UserId,
        hash: PasswordHash,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), UserError> {
        self.sqlite
            .write(move |conn| {
                let set = diesel::update(users::table.find(id))
                    .set(users::password_hash.eq(hash.expose()))
                    .execute(conn)?;
                if set == 0 {
                    return Err(Failure::Domain(UserError::NotFound));
                }
                end_live(conn, id, keep, at)?;
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
        self.sqlite
            .write(move |conn| {
                let user = users::table.find(id).filter(users::password_hash.eq(old.expose()));
                diesel::update(user).set(users::password_hash.eq(new.expose())).execute(conn)?;
                Ok(())
            })
            .await
    }

    async fn delete(&self, id: UserId, expected: Expected) -> Result<(), UserError> {
        self.sqlite
            .write(move |conn| {
                let user = expected_user(conn, id, &expected)?;
                diesel::delete(users::table.find(id)).execute(conn)?;
                if user.role == Role::Admin {
                    check_admin_left(conn)?;
                }
                Ok(())
            })
            .await
    }
}

type Users<'a> = users::BoxedQuery<'a, diesel::sqlite::Sqlite>;

fn by_id<'a>(id: UserId) -> Users<'a> {
    users::table.filter(users::id.eq(id)).into_boxed()
}

fn by_email<'a>(email: &Email) -> Users<'a> {
    users::table.filter(users::email_folded.eq(email.folded().into_string())).into_boxed()
}

fn find(conn: &mut SqliteConnection, id: UserId) -> QueryResult<Option<UserRow>> {
    users::table.find(id).select(UserRow::as_select()).get_result(conn).optional()
}

fn credentials(conn: &mut SqliteConnection, user: Users) -> QueryResult<Option<CredentialsRow>> {
    user.select(CredentialsRow::as_select()).get_result(conn).optional()
}

fn insert(conn: &mut SqliteConnection, user: &NewUserRow) -> Result<User, Failure<UserError>> {
    let row = diesel::insert_into(users::table)
        .values(user)
        .returning(UserRow::as_returning())
        .get_result::<UserRow>(conn)
        .or_else(|error| {
            // SQLite names one violated constraint; the email's is told first.
            let taken = users::table.filter(users::email_folded.eq(&user.email_folded));
            if is_username_taken(&error) && select(exists(taken)).get_result(conn)? {
                return Err(Failure::Domain(UserError::EmailTaken));
            }
            Err(taken_or_failed(error))
        })?;
    User::try_from(row).map_err(|error| Failure::Domain(error.into()))
}

fn update(conn: &mut SqliteConnection, update: UserUpdate) -> Result<User, Failure<UserError>> {
    let before = expected_user(conn, update.id, &update.expected)?;
    let after = update.apply(&before);
    if after == before {
        return Ok(after);
    }
    diesel::update(users::table.find(after.id))
        .set(UserChangeset::from(&after))
        .execute(conn)
        .map_err(taken_or_failed)?;
    if before.role == Role::Admin && after.role != Role::Admin {
        check_admin_left(conn)?;
    }
    Ok(after)
}

fn expected_user(
    conn: &mut SqliteConnection,
    id: UserId,
    expected: &Expected,
) -> Result<User, Failure<UserError>> {
    let row = find(conn, id)?.ok_or(Failure::Domain(UserError::NotFound))?;
    let user = User::try_from(row).map_err(|error| Failure::Domain(error.into()))?;
    if expected.allows(user.version) { Ok(user) } else { Err(Failure::Domain(UserError::Stale)) }
}

/// Asked after the write, which is taken back when there is none. Writes come one after the other,
/// so that no other is under way.
fn check_admin_left(conn: &mut SqliteConnection) -> Result<(), Failure<UserError>> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str()));
    if select(exists(admins)).get_result(conn)? {
        Ok(())
    } else {
        Err(Failure::Domain(UserError::LastAdmin))
    }
}

fn is_username_taken(error: &Error) -> bool {
    is_unique_violation(error, "users.username_folded")
}

fn taken_or_failed(error: Error) -> Failure<UserError> {
    if is_unique_violation(&error, "users.email_folded") {
        Failure::Domain(UserError::EmailTaken)
    } else if is_username_taken(&error) {
        Failure::Domain(UserError::UsernameTaken)
    } else {
        Failure::Database(error)
    }
}
