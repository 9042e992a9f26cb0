use std::thread;

use bookshelf_domain::books::{
    BookError, BookFields, BookId, ImportBatch, ImportRow, Imported, OnConflict,
};
use bookshelf_domain::{StoreError, Timestamp};
use diesel::prelude::*;
use diesel::result::Error;

use super::commands::{change, find, find_id_by_isbn, insert};
use crate::books::row::{FieldsRow, NewBookRow};
use crate::failure::Failure;
use crate::schema::books;

/// A batch takes the processor for long. After so many rows, about a millisecond, whoever reads comes
/// first; more often, and on a busy machine those who wait to write would wait too long.
const YIELD_EVERY: usize = 20;

type Outcome<T> = Result<T, Failure<StoreError>>;

pub(super) fn import(conn: &mut SqliteConnection, batch: ImportBatch) -> Outcome<Vec<Imported>> {
    if !batch.dry_run {
        return take_all(conn, batch);
    }
    // A dry run does all that a real one does, and then takes it back.
    let mut outcomes = Vec::new();
    let taken_back = conn.transaction::<(), _, _>(|conn| {
        outcomes = take_all(conn, batch)?;
        Err(Failure::Database(Error::RollbackTransaction))
    });
    match taken_back {
        Ok(()) | Err(Failure::Database(Error::RollbackTransaction)) => Ok(outcomes),
        Err(failure) => Err(failure),
    }
}

fn take_all(conn: &mut SqliteConnection, batch: ImportBatch) -> Outcome<Vec<Imported>> {
    let ImportBatch { rows, on_conflict, at, .. } = batch;
    rows.into_iter()
        .enumerate()
        .map(|(number, row)| {
            if number.is_multiple_of(YIELD_EVERY) {
                thread::yield_now();
            }
            take(conn, row, on_conflict, at)
        })
        .collect()
}

fn take(
    conn: &mut SqliteConnection,
    row: ImportRow,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<Imported> {
    let fresh = NewBookRow::new(row.fields, at);
    let Some(id) = find_match(conn, &fresh.fields)? else {
        return Ok(Imported::Created(insert(conn, &fresh).map_err(unexpected)?));
    };
    if on_conflict == OnConflict::Skip {
        return Ok(Imported::Skipped(id));
    }
    let there = find(conn, id)?.ok_or(Error::NotFound)?;
    match change(conn, there, row.patch, at) {
        Ok((_, true)) => Ok(Imported::Updated(id)),
        Ok((_, false)) => Ok(Imported::Skipped(id)),
        Err(Failure::Domain(BookError::IsbnTaken { by })) => Ok(Imported::IsbnTaken { by }),
        Err(failure) => Err(unexpected(failure)),
    }
}

/// The book that somebody described, added if the catalogue does not have it; one without an ISBN
/// is matched by its name only where `by_name` says so.
pub(crate) fn find_or_add(
    conn: &mut SqliteConnection,
    fields: BookFields,
    by_name: bool,
    at: Timestamp,
) -> Outcome<BookId> {
    let fresh = NewBookRow::new(fields, at);
    let found = if by_name || fresh.fields.isbn.is_some() {
        find_match(conn, &fresh.fields)?
    } else {
        None
    };
    match found {
        Some(id) => Ok(id),
        None => insert(conn, &fresh).map_err(unexpected),
    }
}

/// The book that a row means.
fn find_match(conn: &mut SqliteConnection, row: &FieldsRow) -> QueryResult<Option<BookId>> {
    match &row.isbn {
        Some(isbn) => find_id_by_isbn(conn, isbn),
        // The empty text keeps the author's index out of it: many books have one author, and few
        // one title.
        None => books::table
            .filter(books::title_folded.eq(&row.title_folded))
            .filter(books::author_folded.concat("").eq(&row.author_folded))
            .order(books::id)
            .select(books::id)
            .get_result(conn)
            .optional(),
    }
}

/// Nothing else can stand in the way: a new row has no match, so nobody has its ISBN.
fn unexpected(failure: Failure<BookError>) -> Failure<StoreError> {
    match failure {
        Failure::Domain(BookError::Store(error)) => Failure::Domain(error),
        Failure::Domain(error) => Failure::Domain(StoreError::unexpected(error)),
        Failure::Database(error) => Failure::Database(error),
    }
}
