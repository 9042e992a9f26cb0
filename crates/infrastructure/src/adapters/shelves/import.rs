use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::OnConflict;
use bookshelf_domain::shelves::{
    ImportedEntry, MergeRemarks, ShelfBatch, ShelfError, ShelfImportRow, WhenUnknown,
};
use diesel::prelude::*;

use super::commands::{Outcome, add, change, find_id, load_locked};
use super::dialect::{
    Connection, FOR_KEY_SHARE, RunQueryDsl, lock, lock_many_books, yield_to_readers,
};
use super::{dry_run, find_or_add};
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::row_lock::LockRows;
use crate::schema::{books, users};
use crate::shelves::NewShelfEntryRow;

pub(super) async fn import(
    conn: &mut Connection,
    user: UserId,
    batch: ShelfBatch,
) -> Outcome<Vec<ImportedEntry>> {
    lock_many_books(conn).await?;
    let kept = users::table.find(user.get()).select(users::id).lock_rows(FOR_KEY_SHARE);
    if kept.get_result::<i64>(conn).await.optional()?.is_none() {
        return Err(Failure::Domain(ShelfError::UserNotFound));
    }
    let ShelfBatch { rows, on_conflict, when_unknown, dry_run, at } = batch;
    dry_run::run(conn, dry_run, async |conn| {
        let mut outcomes = Vec::with_capacity(rows.len());
        for (number, row) in rows.into_iter().enumerate() {
            yield_to_readers(number);
            outcomes.push(import_row(conn, user, row, (on_conflict, when_unknown), at).await?);
        }
        Ok(outcomes)
    })
    .await
}

async fn import_row(
    conn: &mut Connection,
    user: UserId,
    row: ShelfImportRow,
    (on_conflict, when_unknown): (OnConflict, WhenUnknown),
    at: Timestamp,
) -> Outcome<ImportedEntry> {
    let ShelfImportRow { book, fields, added_at } = row;
    let found = find_or_add(conn, book, true, when_unknown, at).await;
    let Some(book) = found.map_err(Failure::into_other)? else {
        return Ok(ImportedEntry::UnknownBook);
    };
    let fresh = NewShelfEntryRow::new(user, book, fields.clone(), added_at.unwrap_or(at), at);
    for _ in 0..ATTEMPTS {
        let Some(id) = find_id(conn, user, book).await? else {
            match add(conn, &fresh).await {
                // Another request has just added it.
                Err(Failure::Domain(ShelfError::AlreadyOnShelf { .. })) => continue,
                added => return added.map(ImportedEntry::Created),
            }
        };
        if on_conflict == OnConflict::Skip {
            return Ok(ImportedEntry::Skipped(id, MergeRemarks::default()));
        }
        lock(conn, books::table.find(book.get()).select(books::id)).await?;
        let entry = match load_locked(conn, user, id).await {
            // Another request has just deleted it.
            Err(Failure::Domain(ShelfError::NotFound)) => continue,
            entry => entry?,
        };
        let merged = entry.fields.merge(&fields);
        let remarks = entry.fields.merge_remarks(&fields);
        let changed = change(conn, entry, merged, at).await?;
        return Ok(if changed {
            ImportedEntry::Updated(id, remarks)
        } else {
            ImportedEntry::Skipped(id, remarks)
        });
    }
    Err(Failure::Domain(contended().into()))
}
