use bookshelf_domain::books::{
    Book, BookError, BookId, BookPatch, BookUpdate, CoverUpdate, WhenShelved,
};
use bookshelf_domain::{Expected, Timestamp};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::books::cover;
use crate::books::row::{BookRow, ChangedBookRow, ChangedCoverRow, NewBookRow};
use crate::failure::Failure;
use crate::postgres::{savepoint, violated_constraint};
use crate::schema::{books, shelf_entries};

type Outcome<T> = Result<T, Failure<BookError>>;

/// The unique constraint of the table.
const ISBN: &str = "books_isbn_key";

/// So often the holder of an ISBN may be gone again when it is looked for.
const ATTEMPTS: u32 = 3;

/// A book that is about to be changed; until the transaction ends nobody else can.
pub(super) async fn lock(conn: &mut AsyncPgConnection, id: BookId) -> QueryResult<Option<BookRow>> {
    let book = books::table.find(id).select(BookRow::as_select()).for_update();
    book.get_result(conn).await.optional()
}

pub(super) async fn find_id_by_isbn(
    conn: &mut AsyncPgConnection,
    isbn: &str,
) -> QueryResult<Option<BookId>> {
    let book = books::table.filter(books::isbn.eq(isbn)).select(books::id);
    book.get_result(conn).await.optional()
}

/// Waits for others that are about to add the same ISBN, and then finds theirs.
pub(super) async fn insert(conn: &mut AsyncPgConnection, row: &NewBookRow) -> Outcome<BookId> {
    for _ in 0..ATTEMPTS {
        let inserted = diesel::insert_into(books::table)
            .values(row)
            .on_conflict(books::isbn)
            .do_nothing()
            .returning(books::id)
            .get_result(conn)
            .await
            .optional()?;
        if let Some(id) = inserted {
            return Ok(id);
        }
        let isbn = row.fields.isbn.as_deref().unwrap_or_default();
        if let Some(by) = find_id_by_isbn(conn, isbn).await? {
            return Err(Failure::Domain(BookError::IsbnTaken { by }));
        }
    }
    Err(Failure::Database(diesel::result::Error::NotFound))
}

pub(super) async fn update(conn: &mut AsyncPgConnection, update: BookUpdate) -> Outcome<Book> {
    let row = expect(conn, update.id, &update.expected).await?;
    change(conn, row, update.patch, update.at).await.map(|(book, _)| book)
}

/// Applies a patch to a locked book; returns the book as it is then, and whether anything changed.
pub(super) async fn change(
    conn: &mut AsyncPgConnection,
    row: BookRow,
    patch: BookPatch,
    at: Timestamp,
) -> Outcome<(Book, bool)> {
    let mut book = row.into_book().map_err(|error| Failure::Domain(error.into()))?;
    let fields = patch.apply(&book.fields);
    if fields == book.fields {
        return Ok((book, false));
    }
    let isbn = fields.isbn.filter(|_| fields.isbn != book.fields.isbn);
    book.fields = fields;
    book.version += 1;
    book.updated_at = at;
    let changed = ChangedBookRow::from(&book);
    let set = async |conn: &mut AsyncPgConnection| {
        diesel::update(books::table.find(book.id)).set(&changed).execute(conn).await
    };
    // What fails in a transaction ends it, but for a savepoint before.
    let Some(isbn) = isbn else {
        set(conn).await?;
        return Ok((book, true));
    };
    match savepoint(conn, set).await {
        Ok(_) => Ok((book, true)),
        Err(error) if violated_constraint(&error) == Some(ISBN) => {
            match find_id_by_isbn(conn, isbn.as_str()).await? {
                Some(by) => Err(Failure::Domain(BookError::IsbnTaken { by })),
                None => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn set_cover(conn: &mut AsyncPgConnection, update: &CoverUpdate) -> Outcome<Book> {
    let row = expect(conn, update.id, &update.expected).await?;
    let (book, is_new) = cover::changed(row, update).map_err(Failure::Domain)?;
    if is_new {
        let row = ChangedCoverRow::from(&book);
        diesel::update(books::table.find(book.id)).set(row).execute(conn).await?;
    }
    Ok(book)
}

pub(super) async fn delete(
    conn: &mut AsyncPgConnection,
    id: BookId,
    expected: &Expected,
    shelved: WhenShelved,
) -> Outcome<u64> {
    // While the book is locked nobody can put it on a shelf.
    expect(conn, id, expected).await?;
    let entries = shelf_entries::table.filter(shelf_entries::book_id.eq(id));
    let shelves = match shelved {
        WhenShelved::Refuse => entries.count().get_result::<i64>(conn).await?.unsigned_abs(),
        WhenShelved::Remove => diesel::delete(entries).execute(conn).await? as u64,
    };
    if shelves > 0 && shelved == WhenShelved::Refuse {
        return Err(Failure::Domain(BookError::InUse { shelves }));
    }
    diesel::delete(books::table.find(id)).execute(conn).await?;
    Ok(shelves)
}

/// The book, locked, if it is there and as the writer expects it.
async fn expect(conn: &mut AsyncPgConnection, id: BookId, expected: &Expected) -> Outcome<BookRow> {
    let row = lock(conn, id).await?.ok_or(Failure::Domain(BookError::NotFound))?;
    if expected.allows(row.version) { Ok(row) } else { Err(Failure::Domain(BookError::Stale)) }
}
