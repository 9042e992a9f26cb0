use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::BookId;
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfEntry, ShelfEntryId, ShelfError, ShelfFields, ShelfTarget, ShelfUpdate,
};
use bookshelf_domain::{Expected, StoreError, Timestamp};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use crate::books::{find_book, find_or_add_book};
use crate::failure::Failure;
use crate::schema::{books, shelf_entries};
use crate::shelves::rows::{ChangedShelfEntryRow, NewShelfEntryRow, ShelfEntryRow};
use crate::sqlite::is_unique_violation;

pub(super) type Outcome<T> = Result<T, Failure<ShelfError>>;

/// The entry with this id, if it is this user's.
pub(super) fn find(
    conn: &mut SqliteConnection,
    user: UserId,
    id: ShelfEntryId,
) -> QueryResult<Option<ShelfEntryRow>> {
    shelf_entries::table
        .inner_join(books::table)
        .filter(shelf_entries::id.eq(id).and(shelf_entries::user_id.eq(user)))
        .select(ShelfEntryRow::as_select())
        .get_result(conn)
        .optional()
}

/// The entry of this user about this book.
pub(super) fn find_id(
    conn: &mut SqliteConnection,
    user: UserId,
    book: BookId,
) -> QueryResult<Option<ShelfEntryId>> {
    shelf_entries::table
        .filter(shelf_entries::user_id.eq(user).and(shelf_entries::book_id.eq(book)))
        .select(shelf_entries::id)
        .get_result(conn)
        .optional()
}

pub(super) fn insert(conn: &mut SqliteConnection, entry: NewShelfEntry) -> Outcome<ShelfEntry> {
    let NewShelfEntry { user_id, target, fields, at, .. } = entry;
    let book = match target {
        ShelfTarget::Existing(id) => {
            find_book(conn, id)?.ok_or(Failure::Domain(ShelfError::BookNotFound))?.id
        }
        ShelfTarget::Described(book) => {
            find_or_add_book(conn, *book, false, at).map_err(Failure::into_other)?
        }
    };
    let row = NewShelfEntryRow::new(user_id, book, fields, at, at);
    let id = add(conn, &row)?;
    // Its rating, if it has one, is among the book's by now.
    read(conn, user_id, id)
}

pub(super) fn add(conn: &mut SqliteConnection, row: &NewShelfEntryRow) -> Outcome<ShelfEntryId> {
    diesel::insert_into(shelf_entries::table)
        .values(row)
        .returning(shelf_entries::id)
        .get_result(conn)
        .map_err(|error| refused(conn, error, row))
}

pub(super) fn update(conn: &mut SqliteConnection, update: ShelfUpdate) -> Outcome<ShelfEntry> {
    let ShelfUpdate { user_id, id, expected, patch, at } = update;
    let entry = expect(conn, user_id, id, &expected)?;
    let fields = patch
        .apply(&entry.fields)
        .map_err(|faults| Failure::Domain(ShelfError::Invalid(faults)))?;
    if !change(conn, entry.clone(), fields, at)? {
        return Ok(entry);
    }
    read(conn, user_id, id)
}

/// Gives an entry these fields; returns whether anything changed.
pub(super) fn change(
    conn: &mut SqliteConnection,
    mut entry: ShelfEntry,
    fields: ShelfFields,
    at: Timestamp,
) -> QueryResult<bool> {
    if fields == entry.fields {
        return Ok(false);
    }
    entry.fields = fields;
    entry.version += 1;
    entry.updated_at = at;
    diesel::update(shelf_entries::table.find(entry.id))
        .set(ChangedShelfEntryRow::from(&entry))
        .execute(conn)?;
    Ok(true)
}

pub(super) fn delete(
    conn: &mut SqliteConnection,
    user: UserId,
    id: ShelfEntryId,
    expected: &Expected,
) -> Outcome<()> {
    expect(conn, user, id, expected)?;
    diesel::delete(shelf_entries::table.find(id)).execute(conn)?;
    Ok(())
}

/// An entry that is there.
pub(super) fn read(
    conn: &mut SqliteConnection,
    user: UserId,
    id: ShelfEntryId,
) -> Outcome<ShelfEntry> {
    let row = find(conn, user, id)?.ok_or(Failure::Domain(ShelfError::NotFound))?;
    ShelfEntry::try_from(row).map_err(|error: StoreError| Failure::Domain(error.into()))
}

/// The entry, if it is there and as the writer expects it.
fn expect(
    conn: &mut SqliteConnection,
    user: UserId,
    id: ShelfEntryId,
    expected: &Expected,
) -> Outcome<ShelfEntry> {
    let entry = read(conn, user, id)?;
    if expected.allows(entry.version) { Ok(entry) } else { Err(Failure::Domain(ShelfError::Stale)) }
}

/// Why the database did not take an entry. The book is there: only the user can be missing.
fn refused(
    conn: &mut SqliteConnection,
    error: Error,
    row: &NewShelfEntryRow,
) -> Failure<ShelfError> {
    if let Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) = error {
        return Failure::Domain(ShelfError::UserNotFound);
    }
    if !is_unique_violation(&error, "shelf_entries.user_id, shelf_entries.book_id") {
        return error.into();
    }
    match find_id(conn, row.user_id, row.book_id) {
        Ok(Some(by)) => Failure::Domain(ShelfError::AlreadyOnShelf { by }),
        Ok(None) => error.into(),
        Err(other) => other.into(),
    }
}
