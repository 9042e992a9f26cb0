use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::OnConflict;
use bookshelf_domain::shelves::{
    ImportedEntry, MergeRemarks, ShelfBatch, ShelfError, ShelfImportRow, WhenUnknown,
};
use diesel::prelude::*;

use super::commands::{Outcome, add, change, count, find_id, load_locked, lock_shelf};
use super::dialect::{Connection, lock, lock_many_books, yield_to_readers};
use super::{dry_run, find_or_add};
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::schema::books;
use crate::shelves::NewShelfEntryRow;

pub(super) async fn import(
    conn: &mut Connection,
    user: UserId,
    batch: ShelfBatch,
) -> Outcome<Vec<ImportedEntry>> {
    lock_many_books(conn).await?;
    if !lock_shelf(conn, user).await? {
        return Err(Failure::Domain(ShelfError::UserNotFound));
    }
    let ShelfBatch { rows, on_conflict, when_unknown, most, dry_run, at } = batch;
    let mut entries = count(conn, user).await?;
    dry_run::run(conn, dry_run, async |conn| {
        let mut outcomes = Vec::with_capacity(rows.len());
        for (number, row) in rows.into_iter().enumerate() {
            yield_to_readers(number);
            let rules = Rules { on_conflict, when_unknown, has_room: entries < most, at };
            let outcome = import_row(conn, user, row, rules).await?;
            entries += u64::from(matches!(outcome, ImportedEntry::Created(_)));
            outcomes.push(outcome);
        }
        Ok(outcomes)
    })
    .await
}

/// What a row may do.
#[derive(Clone, Copy)]
struct Rules {
    on_conflict: OnConflict,
    when_unknown: WhenUnknown,
    /// Whether the shelf can have another entry.
    has_room: bool,
    at: Timestamp,
}

async fn import_row(
    conn: &mut Connection,
    user: UserId,
    row: ShelfImportRow,
    rules: Rules,
) -> Outcome<ImportedEntry> {
    let Rules { on_conflict, when_unknown, has_room, at } = rules;
    let ShelfImportRow { book, fields, added_at } = row;
    let add_book = if has_room { when_unknown } else { WhenUnknown::Refuse };
    let found = find_or_add(conn, book, true, add_book, at).await;
    let Some(book) = found.map_err(Failure::into_other)? else {
        return Ok(match when_unknown {
            WhenUnknown::Add => ImportedEntry::ShelfFull,
            WhenUnknown::Refuse => ImportedEntry::UnknownBook,
        });
    };
    let fresh = NewShelfEntryRow::new(user, book, fields.clone(), added_at.unwrap_or(at), at);
    for _ in 0..ATTEMPTS {
        let Some(id) = find_id(conn, user, book).await? else {
            if !has_room {
                return Ok(ImportedEntry::ShelfFull);
            }
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
    Err(Failure::Store(contended()))
}
