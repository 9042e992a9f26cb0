use std::collections::HashMap;
use std::mem;

use bookshelf_domain::books::{
    BookError, BookFields, BookId, BookPatch, ImportBatch, ImportRow, Imported, OnConflict,
};
use bookshelf_domain::shelves::WhenUnknown;
use bookshelf_domain::{Folded, StoreError, Timestamp};
use diesel::prelude::*;

use super::commands::{change, insert, load_for_update};
use super::dialect::{
    Connection, FOR_KEY_SHARE, NO_LOCK, RunQueryDsl, insert_books, lock_many_books,
    yield_to_readers,
};
use super::dry_run;
use crate::books::row::{FieldsRow, NewBookRow};
use crate::failure::{ATTEMPTS, Failure, contended};
use crate::row_lock::LockRows;
use crate::schema::books;
use crate::sql::{Sql, sql};

type Outcome<T> = Result<T, Failure<StoreError>>;

/// A batch whose rows have the forms that the database searches and sorts by. They are computed before
/// the transaction, for which other writes wait.
pub(super) struct Prepared {
    rows: Vec<Row>,
    on_conflict: OnConflict,
    dry_run: bool,
    at: Timestamp,
}

/// A row of the batch, and the book to add if no book matches it.
struct Row {
    fresh: NewBookRow,
    patch: BookPatch,
}

impl From<ImportBatch> for Prepared {
    fn from(ImportBatch { rows, on_conflict, dry_run, at }: ImportBatch) -> Self {
        let prepare =
            |row: ImportRow| Row { fresh: NewBookRow::new(row.fields, at), patch: row.patch };
        Self { rows: rows.into_iter().map(prepare).collect(), on_conflict, dry_run, at }
    }
}

pub(super) async fn import(conn: &mut Connection, batch: Prepared) -> Outcome<Vec<Imported>> {
    lock_many_books(conn).await?;
    let Prepared { rows, on_conflict, dry_run, at } = batch;
    dry_run::run(conn, dry_run, async |conn| import_rows(conn, rows, on_conflict, at).await).await
}

/// Has the same outcome as importing one row after the other. But the rows that no other row of the
/// batch can influence are matched together and added together, in a few statements.
async fn import_rows(
    conn: &mut Connection,
    rows: Vec<Row>,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<Vec<Imported>> {
    let identities = Identities::of(&rows);
    let matches = Matches::find(conn, &rows).await?;
    let mut outcomes = vec![None; rows.len()];
    let mut new = Vec::new();
    for (number, (row, outcome)) in rows.into_iter().zip(&mut outcomes).enumerate() {
        let is_alone = identities.is_alone(&row.fresh.fields);
        match matches.of(&row.fresh.fields) {
            None if is_alone => new.push((row, outcome)),
            Some(id) if is_alone && on_conflict == OnConflict::Skip => {
                *outcome = Some(Imported::Skipped(id));
            }
            _ => {
                add(conn, mem::take(&mut new), on_conflict, at).await?;
                yield_to_readers(number);
                *outcome = Some(import_row(conn, row, on_conflict, at).await?);
            }
        }
    }
    add(conn, new, on_conflict, at).await?;
    Ok(outcomes.into_iter().flatten().collect())
}

/// Adds the books of the rows, and writes down what became of each.
async fn add(
    conn: &mut Connection,
    new: Vec<(Row, &mut Option<Imported>)>,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<()> {
    if new.is_empty() {
        return Ok(());
    }
    let books: Vec<_> = new.iter().map(|(row, _)| &row.fresh).collect();
    let added = insert_books(conn, &books).await?;
    for ((row, outcome), id) in new.into_iter().zip(added) {
        *outcome = Some(match id {
            Some(id) => Imported::Created(BookId::new(id)),
            // Another request has just added the ISBN.
            None => import_row(conn, row, on_conflict, at).await?,
        });
    }
    Ok(())
}

/// The ISBNs and names of the rows of a batch, and how many rows have them.
#[derive(Default)]
struct Identities {
    isbns: HashMap<String, usize>,
    names: HashMap<(String, String), usize>,
}

impl Identities {
    fn of(rows: &[Row]) -> Self {
        let mut all = Self::default();
        for Row { fresh: NewBookRow { fields, .. }, .. } in rows {
            if let Some(isbn) = &fields.isbn {
                *all.isbns.entry(isbn.clone()).or_default() += 1;
            }
            *all.names.entry(name_of(fields)).or_default() += 1;
        }
        all
    }

    /// Whether no other row of the batch can match the same book, or change the name of a book to that
    /// of this row.
    fn is_alone(&self, row: &FieldsRow) -> bool {
        match &row.isbn {
            Some(isbn) => self.isbns.get(isbn) == Some(&1),
            None => self.names.get(&name_of(row)) == Some(&1),
        }
    }
}

/// The title and author by which the database finds a book.
fn name_of(row: &FieldsRow) -> (String, String) {
    (row.derived.title_folded.clone(), row.derived.author_folded.clone())
}

/// The books that the rows of a batch match, before any of the rows is written.
struct Matches {
    by_isbn: HashMap<String, i64>,
    by_name: HashMap<(Folded, Folded), i64>,
}

impl Matches {
    async fn find(conn: &mut Connection, rows: &[Row]) -> QueryResult<Self> {
        let fields = || rows.iter().map(|row| &row.fresh.fields);
        let isbns: Vec<_> = fields().filter_map(|row| row.isbn.as_deref()).collect();
        let found = books::table.filter(books::isbn.eq_any(isbns));
        let found = found.select((books::isbn.assume_not_null(), books::id));
        let by_isbn: Vec<(String, i64)> = found.load(conn).await?;
        let names: Vec<_> = fields().filter(|row| row.isbn.is_none()).map(name_of).collect();
        let mut by_name = HashMap::new();
        for (id, title, author) in find_names(conn, names).await? {
            by_name.entry((Folded::new(&title), Folded::new(&author))).or_insert(id);
        }
        Ok(Self { by_isbn: by_isbn.into_iter().collect(), by_name })
    }

    fn of(&self, row: &FieldsRow) -> Option<BookId> {
        let found = match &row.isbn {
            Some(isbn) => self.by_isbn.get(isbn),
            None => self.by_name.get(&(Folded::new(&row.title), Folded::new(&row.author))),
        };
        found.copied().map(BookId::new)
    }
}

/// The books with one of these names, apart from accents, in the order of their ids.
async fn find_names(
    conn: &mut Connection,
    names: Vec<(String, String)>,
) -> QueryResult<Vec<NamedRow>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let most = MOST_SIMILAR.saturating_mul(names.len() as i64);
    let mut condition: Sql = sql("(title_folded, author_folded) IN (VALUES ").once();
    for (number, (title, author)) in names.into_iter().enumerate() {
        let separator = if number == 0 { "(" } else { "), (" };
        condition = condition.sql(separator).text(title).sql(", ").text(author);
    }
    let named = books::table.filter(condition.sql("))")).order(books::id).limit(most);
    named.select((books::id, books::title, books::author)).load(conn).await
}

async fn import_row(
    conn: &mut Connection,
    Row { fresh, patch }: Row,
    on_conflict: OnConflict,
    at: Timestamp,
) -> Outcome<Imported> {
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
        return match change(conn, there, patch, at).await {
            Ok((_, true)) => Ok(Imported::Updated(id)),
            Ok((_, false)) => Ok(Imported::Skipped(id)),
            Err(Failure::Domain(BookError::IsbnTaken { by })) => Ok(Imported::IsbnTaken { by }),
            Err(failure) => Err(unexpected(failure)),
        };
    }
    Err(Failure::Store(contended()))
}

/// Finds the described book, or adds it if `when_unknown` says so. The book cannot be deleted until the
/// transaction ends.
///
/// A book without an ISBN is matched by its title and author only if `by_name` says so, which needs
/// [`lock_many_books`].
pub(crate) async fn find_or_add(
    conn: &mut Connection,
    fields: BookFields,
    by_name: bool,
    when_unknown: WhenUnknown,
    at: Timestamp,
) -> Outcome<Option<BookId>> {
    let fresh = NewBookRow::new(fields, at);
    for _ in 0..ATTEMPTS {
        if (by_name || fresh.fields.isbn.is_some())
            && let Some(id) = find_match(conn, &fresh.fields, FOR_KEY_SHARE).await?
        {
            return Ok(Some(id));
        }
        if when_unknown == WhenUnknown::Refuse {
            return Ok(None);
        }
        match insert(conn, &fresh).await {
            // Another request has just added it.
            Err(Failure::Domain(BookError::IsbnTaken { .. })) => {}
            added => return added.map(Some).map_err(unexpected),
        }
    }
    Err(Failure::Store(contended()))
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
        None => return find_by_name(conn, row, row_lock).await,
    };
    Ok(found.optional()?.map(BookId::new))
}

/// How many books that differ only in accents an import looks at. Without a bound, many such books
/// would make each row of an import slow, and every other write wait for it.
const MOST_SIMILAR: i64 = 100;

/// The first book with the same title and author. The index finds those that differ in accents too.
async fn find_by_name(
    conn: &mut Connection,
    row: &FieldsRow,
    row_lock: &'static str,
) -> QueryResult<Option<BookId>> {
    let name = |title: &str, author: &str| (Folded::new(title), Folded::new(author));
    let wanted = name(&row.title, &row.author);
    let is_same = |(_, title, author): &NamedRow| name(title, author) == wanted;
    let similar = |most: i64| {
        let books = books::table
            .filter(books::title_folded.eq(&row.derived.title_folded))
            .filter(books::author_folded.eq(&row.derived.author_folded));
        let named = books.order(books::id).select((books::id, books::title, books::author));
        named.limit(most).lock_rows(row_lock)
    };
    // Nearly always the first one is the same or there is none.
    let first = similar(1).get_result::<NamedRow>(conn).await.optional()?;
    let found = match first {
        Some(first) if !is_same(&first) => {
            let all: Vec<NamedRow> = similar(MOST_SIMILAR).load(conn).await?;
            all.into_iter().find(is_same)
        }
        first => first,
    };
    Ok(found.map(|(id, ..)| BookId::new(id)))
}

/// The id of a book, its title and its author.
type NamedRow = (i64, String, String);

fn unexpected(failure: Failure<BookError>) -> Failure<StoreError> {
    match failure {
        Failure::Domain(BookError::Store(error)) | Failure::Store(error) => Failure::Store(error),
        Failure::Domain(error) => Failure::Store(StoreError::unexpected(error)),
        Failure::Database(error) => Failure::Database(error),
    }
}
