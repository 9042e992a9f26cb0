use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{Imported, OnConflict};
use bookshelf_domain::shelves::{ShelfBatch, ShelfError, ShelfImportRow};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::Error;

use super::commands::{Outcome, add, change, find_id, read};
use crate::books::find_or_add_book;
use crate::failure::Failure;
use crate::schema::users;
use crate::shelves::rows::NewShelfEntryRow;

pub(super) fn import(
    conn: &mut SqliteConnection,
    user: UserId,
    batch: ShelfBatch,
) -> Outcome<Vec<Imported>> {
    if !diesel::select(exists(users::table.find(user))).get_result(conn)? {
        return Err(Failure::Domain(ShelfError::UserNotFound));
    }
    if !batch.dry_run {
        return take_all(conn, user, batch);
    }
    // A dry run does all that a real one does, and then takes it back.
    let mut outcomes = Vec::new();
    let taken_back = conn.transaction::<(), _, _>(|conn| {
        outcomes = take_all(conn, user, batch)?;
        Err(Failure::Database(Error::RollbackTransaction))
    });
    match taken_back {
        Ok(()) | Err(Failure::Database(Error::RollbackTransaction)) => Ok(outcomes),
        Err(failure) => Err(failure),
    }
}

fn take_all(
    conn: &mut SqliteConnection,
    user: UserId,
    batch: ShelfBatch,
) -> Outcome<Vec<Imported>> {
    let ShelfBatch { rows, on_conflict, at, .. } = batch;
    rows.into_iter().map(|row| take(conn, user, row, on_conflict, at)).collect()
}

fn take(
    conn: &mut SqliteConnection,
    user: UserId,
    row: ShelfImportRow,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<Imported> {
    let ShelfImportRow { book, fields, added_at } = row;
    let book = find_or_add_book(conn, book, true, at).map_err(Failure::into_other)?;
    let Some(id) = find_id(conn, user, book)? else {
        let row = NewShelfEntryRow::new(user, book, fields, added_at.unwrap_or(at), at);
        return Ok(Imported::Created(add(conn, &row)?));
    };
    if on_conflict == OnConflict::Skip {
        return Ok(Imported::Skipped(id));
    }
    let entry = read(conn, user, id)?;
    let merged = entry.fields.merge(&fields);
    let changed = change(conn, entry, merged, at)?;
    Ok(if changed { Imported::Updated(id) } else { Imported::Skipped(id) })
}
