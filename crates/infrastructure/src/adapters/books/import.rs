use bookshelf_domain::books::{
    BookError, BookFields, BookId, ImportBatch, ImportRow, Imported, OnConflict,
};
use bookshelf_domain::{StoreError, Timestamp};
use diesel::prelude::*;

use super::commands::{change, insert, load_for_update};
use super::dialect::{
    Connection, FOR_KEY_SHARE, NO_LOCK, RunQueryDsl, lock_many_books, yield_to_readers,
};
use super::dry_run;
use crate::books::row::{FieldsRow, NewBookRow};
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::row_lock::LockRows;
use crate::schema::books;

type Outcome<T> = Result<T, Failure<StoreError>>;

pub(super) async fn import(conn: &mut Connection, batch: ImportBatch) -> Outcome<Vec<Imported>> {
    lock_many_books(conn).await?;
    let ImportBatch { rows, on_conflict, dry_run, at } = batch;
    dry_run::run(conn, dry_run, async |conn| {
        let mut outcomes = Vec::with_capacity(rows.len());
        for (number, row) in rows.into_iter().enumerate() {
            yield_to_readers(number);
            outcomes.push(import_row(conn, row, on_conflict, at).await?);
        }
        Ok(outcomes)
    })
    .await
}

async fn import_row(
    conn: &mut Connection,
    row: ImportRow,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<Imported> {
    let fresh = NewBookRow::new(row.fields, at);
    for _ in 0..ATTEMPTS {
        let id = match find_match(conn, &fresh.fields, NO_LOCK).await? {
            Some(id) => id,
            None => match insert(conn, &fresh).await {
                Ok(id) => return Ok(Imported::Created(id)),
                // Another request has just added it.
                Err(Failure::Domain(BookError::IsbnTaken { by })) => by,
                Err(failure) => return Err(unexpected(failure)),
            },
        };
        if on_conflict == OnConflict::Skip {
            return Ok(Imported::Skipped(id));
        }
        // If the book is missing, another request has just deleted it. Then the row is matched
        // again.
        let Some(there) = load_for_update(conn, id).await? else { continue };
        return match change(conn, there, row.patch, at).await {
            Ok((_, true)) => Ok(Imported::Updated(id)),
            Ok((_, false)) => Ok(Imported::Skipped(id)),
            Err(Failure::Domain(BookError::IsbnTaken { by })) => Ok(Imported::IsbnTaken { by }),
            Err(failure) => Err(unexpected(failure)),
        };
    }
    Err(Failure::Domain(contended()))
}

/// Finds the described book or adds it. The book cannot be deleted until the transaction ends.
///
/// A book without an ISBN is matched by its title and author only if `by_name` says so, which needs
/// [`lock_many_books`].
pub(crate) async fn find_or_add(
    conn: &mut Connection,
    fields: BookFields,
    by_name: bool,
    at: Timestamp,
) -> Outcome<BookId> {
    let fresh = NewBookRow::new(fields, at);
    for _ in 0..ATTEMPTS {
        if (by_name || fresh.fields.isbn.is_some())
            && let Some(id) = find_match(conn, &fresh.fields, FOR_KEY_SHARE).await?
        {
            return Ok(id);
        }
        match insert(conn, &fresh).await {
            // Another request has just added it.
            Err(Failure::Domain(BookError::IsbnTaken { .. })) => {}
            added => return added.map_err(unexpected),
        }
    }
    Err(Failure::Domain(contended()))
}

/// The book that a row describes.
async fn find_match(
    conn: &mut Connection,
    row: &FieldsRow,
    row_lock: &'static str,
) -> QueryResult<Option<BookId>> {
    let found = match &row.isbn {
        Some(isbn) => {
            let book = books::table.filter(books::isbn.eq(isbn)).select(books::id);
            book.lock_rows(row_lock).get_result::<i64>(conn).await
        }
        // The empty text keeps the database off the author's index: many books have one author, and
        // few one title.
        None => {
            let books = books::table
                .filter(books::title_folded.eq(&row.title_folded))
                .filter(books::author_folded.concat("").eq(&row.author_folded));
            let first = books.order(books::id).select(books::id);
            first.lock_rows(row_lock).get_result::<i64>(conn).await
        }
    };
    Ok(found.optional()?.map(BookId::new))
}

fn unexpected(failure: Failure<BookError>) -> Failure<StoreError> {
    match failure {
        Failure::Domain(BookError::Store(error)) => Failure::Domain(error),
        Failure::Domain(error) => Failure::Domain(StoreError::unexpected(error)),
        Failure::Database(error) => Failure::Database(error),
    }
}
