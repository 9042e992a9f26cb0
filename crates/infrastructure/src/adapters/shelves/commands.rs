use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::BookId;
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfEntry, ShelfEntryId, ShelfError, ShelfFields, ShelfTarget, ShelfUpdate,
};
use bookshelf_domain::{Change, Expected, Timestamp};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::dialect::{Connection, FOR_NO_KEY_UPDATE, RunQueryDsl, is_user_missing, lock};
use super::find_or_add;
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::row_lock::LockRows;
use crate::schema::{books, shelf_entries, users};
use crate::shelves::{ChangedShelfEntryRow, NewShelfEntryRow, ShelfEntryRow};

pub(super) type Outcome<T> = Result<T, Failure<ShelfError>>;

/// The entry with this id, if it is this user's, with its book.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn entry(user: UserId, id: ShelfEntryId) -> _ {
    let (user, id): (i64, i64) = (user.get(), id.get());
    let row: diesel::dsl::AsSelect<ShelfEntryRow, super::dialect::Database> =
        ShelfEntryRow::as_select();
    shelf_entries::table
        .inner_join(books::table)
        .filter(shelf_entries::id.eq(id).and(shelf_entries::user_id.eq(user)))
        .select(row)
}

/// The entry of this user about this book.
pub(super) async fn find_id(
    conn: &mut Connection,
    user: UserId,
    book: BookId,
) -> QueryResult<Option<ShelfEntryId>> {
    let entry = shelf_entries::table
        .filter(shelf_entries::user_id.eq(user.get()).and(shelf_entries::book_id.eq(book.get())))
        .select(shelf_entries::id);
    Ok(entry.get_result(conn).await.optional()?.map(ShelfEntryId::new))
}

pub(super) async fn insert(conn: &mut Connection, entry: NewShelfEntry) -> Outcome<ShelfEntry> {
    let NewShelfEntry { user_id, target, when_unknown, most, fields, at, .. } = entry;
    lock_shelf(conn, user_id).await?;
    let book = match target {
        ShelfTarget::Existing(id) => id,
        ShelfTarget::Described(book) => {
            let found = find_or_add(conn, *book, false, when_unknown, at).await;
            found.map_err(Failure::into_other)?.ok_or(Failure::Domain(ShelfError::UnknownBook))?
        }
    };
    let row = NewShelfEntryRow::new(user_id, book, fields, at, at);
    let id = add(conn, &row).await?;
    if count(conn, user_id).await? > most {
        return Err(Failure::Domain(ShelfError::Full { most }));
    }
    // The rating of the entry, if it has one, is among the book's by now.
    load(conn, user_id, id).await
}

/// Keeps other transactions from adding entries to the shelf of this user, so that they cannot both
/// find room for the last one. Returns whether there is such a user.
pub(super) async fn lock_shelf(conn: &mut Connection, user: UserId) -> QueryResult<bool> {
    let user = users::table.find(user.get()).select(users::id).lock_rows(FOR_NO_KEY_UPDATE);
    Ok(user.get_result::<i64>(conn).await.optional()?.is_some())
}

/// The number of entries of a shelf. It reads one index, and there only the entries of this user.
pub(super) async fn count(conn: &mut Connection, user: UserId) -> QueryResult<u64> {
    let entries = shelf_entries::table.filter(shelf_entries::user_id.eq(user.get())).count();
    Ok(entries.get_result::<i64>(conn).await?.unsigned_abs())
}

/// Adds an entry. It waits for other transactions that are adding the same book, and then finds
/// theirs.
pub(super) async fn add(conn: &mut Connection, row: &NewShelfEntryRow) -> Outcome<ShelfEntryId> {
    for _ in 0..ATTEMPTS {
        let added = diesel::insert_into(shelf_entries::table)
            .values(row)
            .on_conflict((shelf_entries::user_id, shelf_entries::book_id))
            .do_nothing()
            .returning(shelf_entries::id)
            .get_result(conn)
            .await
            .optional();
        match added {
            Ok(Some(id)) => return Ok(ShelfEntryId::new(id)),
            Ok(None) => {}
            Err(error) => return Err(refused(conn, error, row.user_id()).await),
        }
        if let Some(by) = find_id(conn, row.user_id(), row.book_id()).await? {
            return Err(Failure::Domain(ShelfError::AlreadyOnShelf { by }));
        }
    }
    Err(Failure::Store(contended()))
}

/// Why the database refused an entry. The table has two foreign keys: the user and the book.
async fn refused(conn: &mut Connection, error: Error, user: UserId) -> Failure<ShelfError> {
    if !matches!(error, Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) {
        return error.into();
    }
    match is_user_missing(conn, &error, user).await {
        Ok(true) => Failure::Domain(ShelfError::UserNotFound),
        Ok(false) => Failure::Domain(ShelfError::BookNotFound),
        Err(error) => error.into(),
    }
}

pub(super) async fn update(conn: &mut Connection, update: ShelfUpdate) -> Outcome<ShelfEntry> {
    let ShelfUpdate { user_id, id, expected, patch, at } = update;
    if patch.rating != Change::Keep {
        lock_book_of(conn, user_id, id).await?;
    }
    let entry = load_expected(conn, user_id, id, &expected).await?;
    let fields = patch
        .apply(&entry.fields)
        .map_err(|faults| Failure::Domain(ShelfError::Invalid(faults)))?;
    if !change(conn, entry.clone(), fields, at).await? {
        return Ok(entry);
    }
    load(conn, user_id, id).await
}

/// Gives a locked entry these fields; returns whether anything changed.
pub(super) async fn change(
    conn: &mut Connection,
    mut entry: ShelfEntry,
    fields: ShelfFields,
    at: Timestamp,
) -> QueryResult<bool> {
    if fields == entry.fields {
        return Ok(false);
    }
    entry.fields = fields;
    entry.version = entry.version.next();
    entry.updated_at = at;
    let change = diesel::update(shelf_entries::table.find(entry.id.get()))
        .set(ChangedShelfEntryRow::from(&entry));
    change.execute(conn).await?;
    Ok(true)
}

pub(super) async fn delete(
    conn: &mut Connection,
    user: UserId,
    id: ShelfEntryId,
    expected: &Expected,
) -> Outcome<()> {
    lock_book_of(conn, user, id).await?;
    load_expected(conn, user, id, expected).await?;
    diesel::delete(shelf_entries::table.find(id.get())).execute(conn).await?;
    Ok(())
}

/// The entry, locked, if it has the version that the writer expects.
async fn load_expected(
    conn: &mut Connection,
    user: UserId,
    id: ShelfEntryId,
    expected: &Expected,
) -> Outcome<ShelfEntry> {
    let entry = load_locked(conn, user, id).await?;
    if expected.allows(entry.version) { Ok(entry) } else { Err(Failure::Domain(ShelfError::Stale)) }
}

/// Locks the book of an entry whose rating is about to change: a trigger writes the sum of the ratings
/// into the book. By the lock order the book comes before the entry.
async fn lock_book_of(conn: &mut Connection, user: UserId, id: ShelfEntryId) -> QueryResult<()> {
    let book = shelf_entries::table
        .filter(shelf_entries::id.eq(id.get()).and(shelf_entries::user_id.eq(user.get())))
        .select(shelf_entries::book_id);
    lock(conn, books::table.filter(books::id.eq_any(book)).select(books::id)).await
}

/// The entry. No other transaction can change it until this one ends.
pub(super) async fn load_locked(
    conn: &mut Connection,
    user: UserId,
    id: ShelfEntryId,
) -> Outcome<ShelfEntry> {
    let entry = shelf_entries::table
        .filter(shelf_entries::id.eq(id.get()).and(shelf_entries::user_id.eq(user.get())))
        .select(shelf_entries::id);
    lock(conn, entry).await?;
    load(conn, user, id).await
}

async fn load(conn: &mut Connection, user: UserId, id: ShelfEntryId) -> Outcome<ShelfEntry> {
    let row = entry(user, id).get_result::<ShelfEntryRow>(conn).await.optional()?;
    let row = row.ok_or(Failure::Domain(ShelfError::NotFound))?;
    ShelfEntry::try_from(row).map_err(Failure::Store)
}
