use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{
    DeleteIf, PasswordHash, PasswordUpdate, Role, User, UserError, UserId, UserUpdate,
};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::select;

use super::dialect::{
    Connection, FOR_UPDATE, RunQueryDsl, USERS_USERNAME, lock, lock_admins, lock_many_books,
    savepoint, violates,
};
use super::sessions::end_live;
use crate::accounts::rows::{NewUserRow, UserChangeset, UserRow};
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::row_lock::LockRows;
use crate::schema::{books, shelf_entries, users};

type Outcome<T> = Result<T, Failure<UserError>>;

/// Adds a user. It waits for other transactions that are adding the same email or username, and
/// then finds theirs.
pub(crate) async fn insert(conn: &mut Connection, user: &NewUserRow) -> Outcome<User> {
    for _ in 0..ATTEMPTS {
        let inserted = diesel::insert_into(users::table)
            .values(user)
            .on_conflict_do_nothing()
            .returning(UserRow::as_returning())
            .get_result::<UserRow>(conn)
            .await
            .optional()?;
        if let Some(row) = inserted {
            return User::try_from(row).map_err(Failure::Store);
        }
        let email = users::table.filter(users::email_folded.eq(&user.email_folded));
        if let Some(by) = email.select(users::id).get_result(conn).await.optional()? {
            return Err(Failure::Domain(UserError::EmailTaken { by: UserId::new(by) }));
        }
        if let Some(by) = find_by_username(conn, user.username_folded.as_deref()).await? {
            return Err(Failure::Domain(UserError::UsernameTaken { by }));
        }
    }
    Err(Failure::Store(contended()))
}

async fn find_by_username(
    conn: &mut Connection,
    folded: Option<&str>,
) -> QueryResult<Option<UserId>> {
    let user = users::table.filter(users::username_folded.eq(folded)).select(users::id);
    Ok(user.get_result(conn).await.optional()?.map(UserId::new))
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
    write(conn, &UserChangeset::from(&after), after.id).await?;
    if before.role == Role::Admin && after.role != Role::Admin {
        check_admin_left(conn, after.id).await?;
    }
    Ok(after)
}

/// Writes the changed fields of a locked user. An update does not change the email.
async fn write(conn: &mut Connection, changed: &UserChangeset, id: UserId) -> Outcome<()> {
    let set = async |conn: &mut Connection| {
        diesel::update(users::table.find(id.get())).set(changed).execute(conn).await
    };
    // A statement that fails ends a transaction of PostgreSQL, unless a savepoint precedes it.
    match savepoint(conn, set).await {
        Ok(_) => Ok(()),
        Err(error) if violates(&error, USERS_USERNAME) => {
            let by = find_by_username(conn, changed.username_folded.as_deref()).await?;
            let taken = by.map(|by| UserError::UsernameTaken { by });
            Err(Failure::Domain(taken.unwrap_or_else(|| contended().into())))
        }
        Err(error) => Err(error.into()),
    }
}

/// Sets the password and ends every session but the one to keep.
pub(super) async fn set_password(conn: &mut Connection, update: &PasswordUpdate) -> Outcome<()> {
    if !replace_hash(conn, update.id, &update.verified, &update.new).await? {
        let user = users::table.find(update.id.get());
        let is_there: bool = select(exists(user)).get_result(conn).await?;
        let why = if is_there { UserError::PasswordChanged } else { UserError::NotFound };
        return Err(Failure::Domain(why));
    }
    end_live(conn, update.id, update.keep, update.at).await?;
    Ok(())
}

/// Replaces the hash `old`, and returns false if it is not the user's.
pub(super) async fn replace_hash(
    conn: &mut Connection,
    id: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> QueryResult<bool> {
    let user = users::table.find(id.get()).filter(users::password_hash.eq(old.expose()));
    let replaced = diesel::update(user).set(users::password_hash.eq(new.expose()));
    Ok(replaced.execute(conn).await? > 0)
}

/// Deletes a user.
pub(super) async fn delete(conn: &mut Connection, id: UserId, condition: &DeleteIf) -> Outcome<()> {
    lock_deletable(conn, id, condition).await?;
    // The user's shelf entries are deleted too, and their ratings are taken off the books.
    let shelved = shelf_entries::table
        .filter(shelf_entries::user_id.eq(id.get()))
        .select(shelf_entries::book_id);
    lock(conn, books::table.filter(books::id.eq_any(shelved)).select(books::id)).await?;
    diesel::delete(users::table.find(id.get())).execute(conn).await?;
    Ok(())
}

/// Deletes the oldest `most` entries of the shelf of a user who is to be deleted, if there are more.
pub(super) async fn shorten_shelf(
    conn: &mut Connection,
    id: UserId,
    condition: &DeleteIf,
    most: u32,
) -> Outcome<bool> {
    lock_deletable(conn, id, condition).await?;
    let kept = shelf_entries::table
        .filter(shelf_entries::user_id.eq(id.get()))
        .order(shelf_entries::id)
        .offset(most.into())
        .limit(1)
        .select(shelf_entries::id);
    let Some(kept) = kept.get_result::<i64>(conn).await.optional()? else { return Ok(false) };
    let older = shelf_entries::user_id.eq(id.get()).and(shelf_entries::id.lt(kept));
    let shelved = shelf_entries::table.filter(older).select(shelf_entries::book_id);
    lock(conn, books::table.filter(books::id.eq_any(shelved)).select(books::id)).await?;
    diesel::delete(shelf_entries::table.filter(older)).execute(conn).await?;
    Ok(true)
}

/// Locks a user, unless it may not be deleted under this condition.
async fn lock_deletable(conn: &mut Connection, id: UserId, condition: &DeleteIf) -> Outcome<()> {
    lock_admins(conn).await?;
    lock_many_books(conn).await?;
    let user = match condition {
        DeleteIf::Version(expected) => load_expected(conn, id, expected).await?,
        DeleteIf::Password(verified) => {
            let user = load_expected(conn, id, &Expected::Any).await?;
            check_hash(conn, id, verified).await?;
            user
        }
    };
    if user.role == Role::Admin {
        check_admin_left(conn, id).await?;
    }
    Ok(())
}

/// The user, locked, if it has the version that the writer expects.
async fn load_expected(conn: &mut Connection, id: UserId, expected: &Expected) -> Outcome<User> {
    let user = users::table.find(id.get()).select(UserRow::as_select()).lock_rows(FOR_UPDATE);
    let row: Option<UserRow> = user.get_result(conn).await.optional()?;
    let row = row.ok_or(Failure::Domain(UserError::NotFound))?;
    let user = User::try_from(row).map_err(Failure::Store)?;
    if expected.allows(user.version) { Ok(user) } else { Err(Failure::Domain(UserError::Stale)) }
}

/// Refuses a write if the user, who must be locked, has another password hash.
async fn check_hash(conn: &mut Connection, id: UserId, verified: &PasswordHash) -> Outcome<()> {
    let hash: String =
        users::table.find(id.get()).select(users::password_hash).get_result(conn).await?;
    if hash == verified.expose() {
        Ok(())
    } else {
        Err(Failure::Domain(UserError::PasswordChanged))
    }
}

/// Refuses a write after which this user is no admin, if no other one is left. The transaction is
/// rolled back then. [`lock_admins`] keeps other transactions from removing the last other admin at
/// the same time.
async fn check_admin_left(conn: &mut Connection, is: UserId) -> Outcome<()> {
    let others =
        users::table.filter(users::role.eq(Role::Admin.as_str()).and(users::id.ne(is.get())));
    if select(exists(others)).get_result(conn).await? {
        Ok(())
    } else {
        Err(Failure::Domain(UserError::LastAdmin { is }))
    }
}
