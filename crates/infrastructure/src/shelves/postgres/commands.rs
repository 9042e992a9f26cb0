use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::BookId;
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfEntry, ShelfEntryId, ShelfError, ShelfFields, ShelfTarget, ShelfUpdate,
};
use bookshelf_domain::{Expected, StoreError, Timestamp};
use diesel::prelude::*;
use diesel::result::Error;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::books::find_or_add_book_in_postgres;
use crate::failure::Failure;
use crate::postgres::violated_constraint;
use crate::schema::{books, shelf_entries};
use crate::shelves::rows::{ChangedShelfEntryRow, NewShelfEntryRow, ShelfEntryRow};

pub(super) type Outcome<T> = Result<T, Failure<ShelfError>>;

/// The entry with this id, if it is this user's.
pub(super) async fn find(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: ShelfEntryId,
) -> QueryResult<Option<ShelfEntryRow>> {
    shelf_entries::table
        .inner_join(books::table)
        .filter(shelf_entries::id.eq(id).and(shelf_entries::user_id.eq(user)))
        .select(ShelfEntryRow::as_select())
        .get_result(conn)
        .await
        .optional()
}

/// The entry of this user about this book.
pub(super) async fn find_id(
    conn: &mut AsyncPgConnection,
    user: UserId,
    book: BookId,
) -> QueryResult<Option<ShelfEntryId>> {
    shelf_entries::table
        .filter(shelf_entries::user_id.eq(user).and(shelf_entries::book_id.eq(book)))
        .select(shelf_entries::id)
        .get_result(conn)
        .await
        .optional()
}

pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    entry: NewShelfEntry,
) -> Outcome<ShelfEntry> {
    let NewShelfEntry { user_id, target, fields, at, .. } = entry;
    let book = match target {
        ShelfTarget::Existing(id) => id,
        ShelfTarget::Described(book) => find_or_add_book_in_postgres(conn, *book, false, at)
            .await
            .map_err(Failure::into_other)?,
    };
    let row = NewShelfEntryRow::new(user_id, book, fields, at, at);
    let id = add(conn, &row).await?;
    // Its rating, if it has one, is among the book's by now.
    read(conn, user_id, id).await
}

/// Waits for others that are about to add the same book, and then finds theirs.
pub(super) async fn add(
    conn: &mut AsyncPgConnection,
    row: &NewShelfEntryRow,
) -> Outcome<ShelfEntryId> {
    let added = diesel::insert_into(shelf_entries::table)
        .values(row)
        .on_conflict((shelf_entries::user_id, shelf_entries::book_id))
        .do_nothing()
        .returning(shelf_entries::id)
        .get_result(conn)
        .await
        .optional()
        .map_err(refused)?;
    match added {
        Some(id) => Ok(id),
        None => match find_id(conn, row.user_id, row.book_id).await? {
            Some(by) => Err(Failure::Domain(ShelfError::AlreadyOnShelf { by })),
            // It was there a moment ago.
            None => Err(Failure::Domain(
                StoreError::Unavailable("the entry was being deleted".into()).into(),
            )),
        },
    }
}

pub(super) async fn update(
    conn: &mut AsyncPgConnection,
    update: ShelfUpdate,
) -> Outcome<ShelfEntry> {
    let ShelfUpdate { user_id, id, expected, patch, at } = update;
    let entry = expect(conn, user_id, id, &expected).await?;
    let fields = patch
        .apply(&entry.fields)
        .map_err(|faults| Failure::Domain(ShelfError::Invalid(faults)))?;
    if !change(conn, entry.clone(), fields, at).await? {
        return Ok(entry);
    }
    read(conn, user_id, id).await
}

/// Gives an entry these fields; returns whether anything changed.
pub(super) async fn change(
    conn: &mut AsyncPgConnection,
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
        .execute(conn)
        .await?;
    Ok(true)
}

pub(super) async fn delete(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: ShelfEntryId,
    expected: &Expected,
) -> Outcome<()> {
    expect(conn, user, id, expected).await?;
    diesel::delete(shelf_entries::table.find(id)).execute(conn).await?;
    Ok(())
}

/// An entry that is there.
pub(super) async fn read(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: ShelfEntryId,
) -> Outcome<ShelfEntry> {
    let row = find(conn, user, id).await?.ok_or(Failure::Domain(ShelfError::NotFound))?;
    ShelfEntry::try_from(row).map_err(|error: StoreError| Failure::Domain(error.into()))
}

/// The entry, locked, if it is there and as the writer expects it.
async fn expect(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: ShelfEntryId,
    expected: &Expected,
) -> Outcome<ShelfEntry> {
    lock(conn, user, id).await?;
    let entry = read(conn, user, id).await?;
    if expected.allows(entry.version) { Ok(entry) } else { Err(Failure::Domain(ShelfError::Stale)) }
}

/// Until the transaction ends nobody else can change the entry. The book is not locked with it.
pub(super) async fn lock(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: ShelfEntryId,
) -> QueryResult<()> {
    let entry = shelf_entries::table
        .filter(shelf_entries::id.eq(id).and(shelf_entries::user_id.eq(user)))
        .select(shelf_entries::id)
        .for_update();
    entry.get_result::<ShelfEntryId>(conn).await.optional().map(drop)
}

/// Why the database did not take an entry.
fn refused(error: Error) -> Failure<ShelfError> {
    match violated_constraint(&error) {
        Some("shelf_entries_user_id_fkey") => Failure::Domain(ShelfError::UserNotFound),
        Some("shelf_entries_book_id_fkey") => Failure::Domain(ShelfError::BookNotFound),
        _ => error.into(),
    }
}
