use bookshelf_domain::books::{
    BookError, BookFields, BookId, ImportBatch, ImportRow, Imported, OnConflict,
};
use bookshelf_domain::{StoreError, Timestamp};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Untyped};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::commands::{change, find_id_by_isbn, insert, lock};
use crate::books::row::{FieldsRow, NewBookRow};
use crate::failure::Failure;
use crate::postgres::savepoint;
use crate::schema::books;

type Outcome<T> = Result<T, Failure<StoreError>>;

/// The lock under which imports take turns: a title and author are no constraint, so two imports at
/// once would both add what neither has. The number is "bookimpo" in ASCII.
const LOCK: i64 = 0x626f_6f6b_696d_706f;

pub(super) async fn import(
    conn: &mut AsyncPgConnection,
    batch: ImportBatch,
) -> Outcome<Vec<Imported>> {
    lock_imports(conn).await?;
    if !batch.dry_run {
        return take_all(conn, batch).await;
    }
    // A dry run does all that a real one does, and then takes it back.
    let mut outcomes = Vec::new();
    let taken_back: Outcome<()> = savepoint(conn, async |conn| {
        outcomes = take_all(conn, batch).await?;
        Err(Failure::Database(Error::RollbackTransaction))
    })
    .await;
    match taken_back {
        Ok(()) | Err(Failure::Database(Error::RollbackTransaction)) => Ok(outcomes),
        Err(failure) => Err(failure),
    }
}

/// Until the transaction ends no other import goes on.
pub(crate) async fn lock_imports(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let lock = sql::<Untyped>("pg_advisory_xact_lock(").bind::<BigInt, _>(LOCK).sql(")");
    diesel::select(lock).execute(conn).await.map(drop)
}

async fn take_all(conn: &mut AsyncPgConnection, batch: ImportBatch) -> Outcome<Vec<Imported>> {
    let ImportBatch { rows, on_conflict, at, .. } = batch;
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        outcomes.push(take(conn, row, on_conflict, at).await?);
    }
    Ok(outcomes)
}

async fn take(
    conn: &mut AsyncPgConnection,
    row: ImportRow,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<Imported> {
    let fresh = NewBookRow::new(row.fields, at);
    let id = match find_match(conn, &fresh.fields).await? {
        Some(id) => id,
        None => match insert(conn, &fresh).await {
            Ok(id) => return Ok(Imported::Created(id)),
            // Somebody else has just added it.
            Err(Failure::Domain(BookError::IsbnTaken { by })) => by,
            Err(failure) => return Err(unexpected(failure)),
        },
    };
    if on_conflict == OnConflict::Skip {
        return Ok(Imported::Skipped(id));
    }
    let there = lock(conn, id).await?.ok_or(Error::NotFound)?;
    match change(conn, there, row.patch, at).await {
        Ok((_, true)) => Ok(Imported::Updated(id)),
        Ok((_, false)) => Ok(Imported::Skipped(id)),
        Err(Failure::Domain(BookError::IsbnTaken { by })) => Ok(Imported::IsbnTaken { by }),
        Err(failure) => Err(unexpected(failure)),
    }
}

/// The book that somebody described, added if the catalogue does not have it; one without an ISBN
/// is matched by its name only where `by_name` says so, which needs [`lock_imports`].
pub(crate) async fn find_or_add(
    conn: &mut AsyncPgConnection,
    fields: BookFields,
    by_name: bool,
    at: Timestamp,
) -> Outcome<BookId> {
    let fresh = NewBookRow::new(fields, at);
    let found = if by_name || fresh.fields.isbn.is_some() {
        find_match(conn, &fresh.fields).await?
    } else {
        None
    };
    if let Some(id) = found {
        return Ok(id);
    }
    match insert(conn, &fresh).await {
        // Somebody else has just added it.
        Err(Failure::Domain(BookError::IsbnTaken { by })) => Ok(by),
        added => added.map_err(unexpected),
    }
}

/// The book that a row means.
async fn find_match(conn: &mut AsyncPgConnection, row: &FieldsRow) -> QueryResult<Option<BookId>> {
    let Some(isbn) = &row.isbn else {
        return books::table
            .filter(books::title_folded.eq(&row.title_folded))
            .filter(books::author_folded.eq(&row.author_folded))
            .order(books::id)
            .select(books::id)
            .limit(1)
            .get_result(conn)
            .await
            .optional();
    };
    find_id_by_isbn(conn, isbn).await
}

fn unexpected(failure: Failure<BookError>) -> Failure<StoreError> {
    match failure {
        Failure::Domain(BookError::Store(error)) => Failure::Domain(error),
        Failure::Domain(error) => Failure::Domain(StoreError::unexpected(error)),
        Failure::Database(error) => Failure::Database(error),
    }
}
