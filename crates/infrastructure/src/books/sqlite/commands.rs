use bookshelf_domain::books::{
    Book, BookError, BookId, BookPatch, BookUpdate, CoverUpdate, WhenShelved,
};
use bookshelf_domain::{Expected, Timestamp};
use diesel::prelude::*;
use diesel::result::Error;

use crate::books::cover;
use crate::books::row::{BookRow, ChangedBookRow, ChangedCoverRow, NewBookRow};
use crate::failure::Failure;
use crate::schema::{books, shelf_entries};
use crate::sqlite::is_unique_violation;

type Outcome<T> = Result<T, Failure<BookError>>;

/// Not by `first`: it binds a LIMIT, for which SQLite as it mostly comes prepares a statement anew
/// each time.
pub(crate) fn find(conn: &mut SqliteConnection, id: BookId) -> QueryResult<Option<BookRow>> {
    books::table.find(id).select(BookRow::as_select()).get_result(conn).optional()
}

pub(super) fn find_id_by_isbn(
    conn: &mut SqliteConnection,
    isbn: &str,
) -> QueryResult<Option<BookId>> {
    books::table.filter(books::isbn.eq(isbn)).select(books::id).get_result(conn).optional()
}

pub(super) fn insert(conn: &mut SqliteConnection, row: &NewBookRow) -> Outcome<BookId> {
    diesel::insert_into(books::table)
        .values(row)
        .returning(books::id)
        .get_result(conn)
        .map_err(|error| refused(conn, error, row.fields.isbn.as_deref()))
}

pub(super) fn update(conn: &mut SqliteConnection, update: BookUpdate) -> Outcome<Book> {
    let row = expect(conn, update.id, &update.expected)?;
    change(conn, row, update.patch, update.at).map(|(book, _)| book)
}

/// Applies a patch; returns the book as it is then, and whether anything changed.
pub(super) fn change(
    conn: &mut SqliteConnection,
    row: BookRow,
    patch: BookPatch,
    at: Timestamp,
) -> Outcome<(Book, bool)> {
    let mut book = row.into_book().map_err(|error| Failure::Domain(error.into()))?;
    let fields = patch.apply(&book.fields);
    if fields == book.fields {
        return Ok((book, false));
    }
    book.fields = fields;
    book.version += 1;
    book.updated_at = at;
    match diesel::update(books::table.find(book.id)).set(ChangedBookRow::from(&book)).execute(conn)
    {
        Ok(_) => Ok((book, true)),
        Err(error) => {
            let isbn = book.fields.isbn.map(|isbn| isbn.to_string());
            Err(refused(conn, error, isbn.as_deref()))
        }
    }
}

pub(super) fn set_cover(conn: &mut SqliteConnection, update: &CoverUpdate) -> Outcome<Book> {
    let row = expect(conn, update.id, &update.expected)?;
    let (book, is_new) = cover::changed(row, update).map_err(Failure::Domain)?;
    if is_new {
        let row = ChangedCoverRow::from(&book);
        diesel::update(books::table.find(book.id)).set(row).execute(conn)?;
    }
    Ok(book)
}

pub(super) fn delete(
    conn: &mut SqliteConnection,
    id: BookId,
    expected: &Expected,
    shelved: WhenShelved,
) -> Outcome<u64> {
    expect(conn, id, expected)?;
    let entries = shelf_entries::table.filter(shelf_entries::book_id.eq(id));
    let shelves = match shelved {
        WhenShelved::Refuse => entries.count().get_result::<i64>(conn)?.unsigned_abs(),
        WhenShelved::Remove => diesel::delete(entries).execute(conn)? as u64,
    };
    if shelves > 0 && shelved == WhenShelved::Refuse {
        return Err(Failure::Domain(BookError::InUse { shelves }));
    }
    diesel::delete(books::table.find(id)).execute(conn)?;
    Ok(shelves)
}

/// The book, if it is there and as the writer expects it.
fn expect(conn: &mut SqliteConnection, id: BookId, expected: &Expected) -> Outcome<BookRow> {
    let row = find(conn, id)?.ok_or(Failure::Domain(BookError::NotFound))?;
    if expected.allows(row.version) { Ok(row) } else { Err(Failure::Domain(BookError::Stale)) }
}

/// Why the database did not take a book.
fn refused(conn: &mut SqliteConnection, error: Error, isbn: Option<&str>) -> Failure<BookError> {
    if !is_unique_violation(&error, "books.isbn") {
        return error.into();
    }
    match find_id_by_isbn(conn, isbn.unwrap_or_default()) {
        Ok(Some(by)) => Failure::Domain(BookError::IsbnTaken { by }),
        Ok(None) => error.into(),
        Err(other) => other.into(),
    }
}
