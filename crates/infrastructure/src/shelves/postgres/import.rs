use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{Imported, OnConflict};
use bookshelf_domain::shelves::{ShelfBatch, ShelfError, ShelfImportRow};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::Error;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::commands::{Outcome, add, change, find_id, lock, read};
use crate::books::{find_or_add_book_in_postgres, lock_imports};
use crate::failure::Failure;
use crate::postgres::savepoint;
use crate::schema::users;
use crate::shelves::rows::NewShelfEntryRow;

pub(super) async fn import(
    conn: &mut AsyncPgConnection,
    user: UserId,
    batch: ShelfBatch,
) -> Outcome<Vec<Imported>> {
    lock_imports(conn).await?;
    let is_there: bool = diesel::select(exists(users::table.find(user))).get_result(conn).await?;
    if !is_there {
        return Err(Failure::Domain(ShelfError::UserNotFound));
    }
    if !batch.dry_run {
        return take_all(conn, user, batch).await;
    }
    // A dry run does all that a real one does, and then takes it back.
    let mut outcomes = Vec::new();
    let taken_back: Outcome<()> = savepoint(conn, async |conn| {
        outcomes = take_all(conn, user, batch).await?;
        Err(Failure::Database(Error::RollbackTransaction))
    })
    .await;
    match taken_back {
        Ok(()) | Err(Failure::Database(Error::RollbackTransaction)) => Ok(outcomes),
        Err(failure) => Err(failure),
    }
}

async fn take_all(
    conn: &mut AsyncPgConnection,
    user: UserId,
    batch: ShelfBatch,
) -> Outcome<Vec<Imported>> {
    let ShelfBatch { rows, on_conflict, at, .. } = batch;
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        outcomes.push(take(conn, user, row, on_conflict, at).await?);
    }
    Ok(outcomes)
}

async fn take(
    conn: &mut AsyncPgConnection,
    user: UserId,
    row: ShelfImportRow,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<Imported> {
    let ShelfImportRow { book, fields, added_at } = row;
    let book =
        find_or_add_book_in_postgres(conn, book, true, at).await.map_err(Failure::into_other)?;
    let Some(id) = find_id(conn, user, book).await? else {
        let row = NewShelfEntryRow::new(user, book, fields, added_at.unwrap_or(at), at);
        return Ok(Imported::Created(add(conn, &row).await?));
    };
    if on_conflict == OnConflict::Skip {
        return Ok(Imported::Skipped(id));
    }
    lock(conn, user, id).await?;
    let entry = read(conn, user, id).await?;
    let merged = entry.fields.merge(&fields);
    let changed = change(conn, entry, merged, at).await?;
    Ok(if changed { Imported::Updated(id) } else { Imported::Skipped(id) })
}
