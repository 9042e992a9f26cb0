use bookshelf_domain::books::{
    Book, BookError, BookId, BookPatch, BookUpdate, CoverUpdate, WhenShelved,
};
use bookshelf_domain::{Expected, Timestamp, Version};
use diesel::prelude::*;

use super::dialect::{
    BOOKS_ISBN, Connection, FOR_UPDATE, RunQueryDsl, insert_book, savepoint, violates,
};
use crate::books::cover;
use crate::books::row::{BookRow, ChangedBookRow, ChangedCoverRow, NewBookRow};
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::row_lock::LockRows;
use crate::schema::{books, shelf_entries};

type Outcome<T> = Result<T, Failure<BookError>>;

/// A book that is about to be changed. No other transaction can change it until this one ends.
pub(super) async fn load_for_update(
    conn: &mut Connection,
    id: BookId,
) -> QueryResult<Option<BookRow>> {
    let book = books::table.find(id.get()).select(BookRow::as_select()).lock_rows(FOR_UPDATE);
    book.get_result(conn).await.optional()
}

async fn find_id_by_isbn(conn: &mut Connection, isbn: &str) -> QueryResult<Option<BookId>> {
    let book = books::table.filter(books::isbn.eq(isbn)).select(books::id);
    Ok(book.get_result(conn).await.optional()?.map(BookId::new))
}

/// Adds a book. It waits for other transactions that are adding the same ISBN, and then finds
/// theirs.
pub(super) async fn insert(conn: &mut Connection, row: &NewBookRow) -> Outcome<BookId> {
    for _ in 0..ATTEMPTS {
        if let Some(id) = insert_book(conn, row).await? {
            return Ok(BookId::new(id));
        }
        let isbn = row.fields.isbn.as_deref().unwrap_or_default();
        if let Some(by) = find_id_by_isbn(conn, isbn).await? {
            return Err(Failure::Domain(BookError::IsbnTaken { by }));
        }
    }
    Err(Failure::Store(contended()))
}

pub(super) async fn update(conn: &mut Connection, update: BookUpdate) -> Outcome<Book> {
    let row = load_expected(conn, update.id, &update.expected).await?;
    change(conn, row, update.patch, update.at).await.map(|(book, _)| book)
}

/// Applies a patch to a locked book. Returns the book as it is then, and whether anything changed.
pub(super) async fn change(
    conn: &mut Connection,
    row: BookRow,
    patch: BookPatch,
    at: Timestamp,
) -> Outcome<(Book, bool)> {
    let mut book = row.into_book().map_err(Failure::Store)?;
    let fields = patch.apply(&book.fields);
    if fields == book.fields {
        return Ok((book, false));
    }
    let isbn = fields.isbn.filter(|_| fields.isbn != book.fields.isbn);
    book.fields = fields;
    book.version = book.version.next();
    book.updated_at = at;
    let changed = ChangedBookRow::from(&book);
    let set = async |conn: &mut Connection| {
        diesel::update(books::table.find(book.id.get())).set(&changed).execute(conn).await
    };
    let Some(isbn) = isbn else {
        set(conn).await?;
        return Ok((book, true));
    };
    // A statement that fails ends a transaction of PostgreSQL, unless a savepoint precedes it.
    match savepoint(conn, set).await {
        Ok(_) => Ok((book, true)),
        Err(error) if violates(&error, BOOKS_ISBN) => {
            match find_id_by_isbn(conn, isbn.as_str()).await? {
                Some(by) => Err(Failure::Domain(BookError::IsbnTaken { by })),
                None => Err(Failure::Store(contended())),
            }
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn set_cover(conn: &mut Connection, update: &CoverUpdate) -> Outcome<Book> {
    let row = load_existing(conn, update.id).await?;
    let (book, is_new) = cover::changed(row, update).map_err(Failure::Domain)?;
    if is_new {
        let row = ChangedCoverRow::from(&book);
        diesel::update(books::table.find(book.id.get())).set(row).execute(conn).await?;
    }
    Ok(book)
}

pub(super) async fn delete(
    conn: &mut Connection,
    id: BookId,
    expected: &Expected,
    shelved: WhenShelved,
) -> Outcome<u64> {
    // While the book is locked no request can put it on a shelf.
    load_expected(conn, id, expected).await?;
    let entries = shelf_entries::table.filter(shelf_entries::book_id.eq(id.get()));
    let shelves = match shelved {
        WhenShelved::Refuse => entries.count().get_result::<i64>(conn).await?.unsigned_abs(),
        WhenShelved::Remove => diesel::delete(entries).execute(conn).await? as u64,
    };
    if shelves > 0 && shelved == WhenShelved::Refuse {
        return Err(Failure::Domain(BookError::InUse { book: id, shelves }));
    }
    diesel::delete(books::table.find(id.get())).execute(conn).await?;
    Ok(shelves)
}

/// The book, locked.
async fn load_existing(conn: &mut Connection, id: BookId) -> Outcome<BookRow> {
    load_for_update(conn, id).await?.ok_or(Failure::Domain(BookError::NotFound))
}

/// The book, locked, if it has the version that the writer expects.
async fn load_expected(conn: &mut Connection, id: BookId, expected: &Expected) -> Outcome<BookRow> {
    let row = load_existing(conn, id).await?;
    if expected.allows(Version::new(row.version)) {
        Ok(row)
    } else {
        Err(Failure::Domain(BookError::Stale))
    }
}
