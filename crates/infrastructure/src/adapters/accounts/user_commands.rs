use bookshelf_domain::accounts::{
    PasswordHash, Role, SessionId, User, UserError, UserId, UserUpdate,
};
use bookshelf_domain::{Expected, Timestamp};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::select;

use super::dialect::{
    Connection, FOR_UPDATE, RunQueryDsl, USERS_USERNAME, lock, lock_admins, lock_many_books,
    violates,
};
use super::sessions::end_live;
use crate::accounts::rows::{NewUserRow, UserChangeset, UserRow};
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::row_lock::LockRows;
use crate::schema::{books, shelf_entries, users};

type Outcome<T> = Result<T, Failure<UserError>>;

/// Adds a user. It waits for other transactions that are adding the same email or username, and
/// then finds theirs.
pub(super) async fn insert(conn: &mut Connection, user: &NewUserRow) -> Outcome<User> {
    for _ in 0..ATTEMPTS {
        let inserted = diesel::insert_into(users::table)
            .values(user)
            .on_conflict_do_nothing()
            .returning(UserRow::as_returning())
            .get_result::<UserRow>(conn)
            .await
            .optional()?;
        if let Some(row) = inserted {
            return User::try_from(row).map_err(|error| Failure::Domain(error.into()));
        }
        let email = users::table.filter(users::email_folded.eq(&user.email_folded));
        if select(exists(email)).get_result(conn).await? {
            return Err(Failure::Domain(UserError::EmailTaken));
        }
        let username = users::table.filter(users::username_folded.eq(&user.username_folded));
        if select(exists(username)).get_result(conn).await? {
            return Err(Failure::Domain(UserError::UsernameTaken));
        }
    }
    Err(Failure::Domain(contended().into()))
}

pub(super) async fn update(conn: &mut Connection, update: UserUpdate) -> Outcome<User> {
    if update.patch.role.is_some_and(|role| role != Role::Admin) {
        lock_admins(conn).await?;
    }
    let before = load_expected(conn, update.id, &update.expected).await?;
    let after = update.apply(&before);
    if after == before {
        return Ok(after);
    }
    diesel::update(users::table.find(after.id.get()))
        .set(UserChangeset::from(&after))
        .execute(conn)
        .await
        .map_err(refused)?;
    if before.role == Role::Admin && after.role != Role::Admin {
        check_admin_left(conn).await?;
    }
    Ok(after)
}

/// Sets the password and ends every session but `keep`.
pub(super) async fn set_password(
    conn: &mut Connection,
    id: UserId,
    hash: &PasswordHash,
    keep: Option<SessionId>,
    at: Timestamp,
) -> Outcome<()> {
    let set =
        diesel::update(users::table.find(id.get())).set(users::password_hash.eq(hash.expose()));
    if set.execute(conn).await? == 0 {
        return Err(Failure::Domain(UserError::NotFound));
    }
    end_live(conn, id, keep, at).await?;
    Ok(())
}

pub(super) async fn delete(conn: &mut Connection, id: UserId, expected: &Expected) -> Outcome<()> {
    lock_admins(conn).await?;
    lock_many_books(conn).await?;
    let user = load_expected(conn, id, expected).await?;
    // The user's shelf entries are deleted too, and their ratings are taken off the books.
    let shelved = shelf_entries::table
        .filter(shelf_entries::user_id.eq(id.get()))
        .select(shelf_entries::book_id);
    lock(conn, books::table.filter(books::id.eq_any(shelved)).select(books::id)).await?;
    diesel::delete(users::table.find(id.get())).execute(conn).await?;
    if user.role == Role::Admin {
        check_admin_left(conn).await?;
    }
    Ok(())
}

/// The user, locked, if it has the version that the writer expects.
async fn load_expected(conn: &mut Connection, id: UserId, expected: &Expected) -> Outcome<User> {
    let user = users::table.find(id.get()).select(UserRow::as_select()).lock_rows(FOR_UPDATE);
    let row: Option<UserRow> = user.get_result(conn).await.optional()?;
    let row = row.ok_or(Failure::Domain(UserError::NotFound))?;
    let user = User::try_from(row).map_err(|error| Failure::Domain(error.into()))?;
    if expected.allows(user.version) { Ok(user) } else { Err(Failure::Domain(UserError::Stale)) }
}

/// Refuses a write after which no admin is left, so that the transaction is rolled back.
/// [`lock_admins`] keeps other transactions from removing the last other admin at the same time.
async fn check_admin_left(conn: &mut Connection) -> Outcome<()> {
    let admins = users::table.filter(users::role.eq(Role::Admin.as_str()));
    if select(exists(admins)).get_result(conn).await? {
        Ok(())
    } else {
        Err(Failure::Domain(UserError::LastAdmin))
    }
}

/// Why the database refused an update. An update does not change the email.
fn refused(error: Error) -> Failure<UserError> {
    if violates(&error, USERS_USERNAME) {
        Failure::Domain(UserError::UsernameTaken)
    } else {
        Failure::Database(error)
    }
}
