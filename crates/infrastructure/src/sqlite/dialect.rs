//! The parts of the adapters that depend on SQLite. `postgres::dialect` has the same names.

use std::future::{Ready, ready};
use std::thread;

use bookshelf_domain::accounts::UserId;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::dsl::exists;
use diesel::query_builder::Query;
use diesel::query_dsl::methods::{ExecuteDsl, LoadQuery};
use diesel::result::{DatabaseErrorKind, Error, QueryResult};
use diesel::sql_types::BigInt;
use diesel::{QueryDsl, insert_into, select};

use crate::books::row::NewBookRow;
use crate::schema::{books, users};
use crate::sql::sql;

pub(crate) use super::engine::Sqlite as Engine;
pub(crate) use diesel::SqliteConnection as Connection;
pub(crate) use diesel::sqlite::Sqlite as Database;

/// Diesel's methods that run a statement, in the form that `diesel_async` gives them. SQLite runs
/// the statement in place, so the future is ready at once.
///
/// It has no `first`: that binds a LIMIT, and the bundled SQLite prepares such a statement anew
/// each time. `get_result` takes the first row too.
pub(crate) trait RunQueryDsl: Sized {
    fn execute(self, conn: &mut Connection) -> Ready<QueryResult<usize>>
    where
        Self: ExecuteDsl<Connection, Database> + diesel::RunQueryDsl<Connection>,
    {
        ready(diesel::RunQueryDsl::execute(self, conn))
    }

    fn get_result<'query, U>(self, conn: &mut Connection) -> Ready<QueryResult<U>>
    where
        Self: LoadQuery<'query, Connection, U>,
    {
        ready(diesel::RunQueryDsl::get_result(self, conn))
    }

    fn load<'query, U>(self, conn: &mut Connection) -> Ready<QueryResult<Vec<U>>>
    where
        Self: LoadQuery<'query, Connection, U>,
    {
        ready(diesel::RunQueryDsl::load(self, conn))
    }
}

impl<Q> RunQueryDsl for Q {}

/// One thread executes all writes, so no row has to be locked.
pub(crate) const NO_LOCK: &str = "";
pub(crate) const FOR_KEY_SHARE: &str = "";
pub(crate) const FOR_SHARE: &str = "";
pub(crate) const FOR_NO_KEY_UPDATE: &str = "";
pub(crate) const FOR_UPDATE: &str = "";
pub(crate) const FOR_UPDATE_SKIP_LOCKED: &str = "";

/// Locks the rows that a query finds. SQLite needs no lock.
pub(crate) async fn lock(_: &mut Connection, _: impl Query) -> QueryResult<()> {
    Ok(())
}

/// Keeps other commands from removing an admin. SQLite needs no lock.
pub(crate) async fn lock_admins(_: &mut Connection) -> QueryResult<()> {
    Ok(())
}

/// Keeps other commands from changing many books. SQLite needs no lock.
pub(crate) async fn lock_many_books(_: &mut Connection) -> QueryResult<()> {
    Ok(())
}

/// A long batch keeps a core busy. After this many rows, which take about a millisecond, the writer
/// lets readers go first. On a busy machine, yielding more often would slow down the writer too
/// much.
const YIELD_EVERY: usize = 20;

/// Lets readers go first now and then. It is called for every row of a batch, with the number of
/// the row.
pub(crate) fn yield_to_readers(row: usize) {
    if row.is_multiple_of(YIELD_EVERY) {
        thread::yield_now();
    }
}

/// The function that returns the position of a part in a text: from 1 on, or 0 if there is none.
pub(crate) const POSITION: &str = "instr";

/// The column in a form that no index has, so that SQLite does not sort by an index.
pub(crate) fn unindexed(column: &str) -> String {
    format!("+{column}")
}

/// SQLite names a unique constraint by its columns.
pub(crate) const BOOKS_ISBN: &str = "books.isbn";
pub(crate) const USERS_USERNAME: &str = "users.username_folded";

/// Whether the error is the violation of this unique constraint.
pub(crate) fn violates(error: &Error, constraint: &str) -> bool {
    let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information) = error else {
        return false;
    };
    information.message().rsplit(": ").next() == Some(constraint)
}

/// Adds a book and returns its id, or nothing if another book has its ISBN.
///
/// A statement that fails does not end a transaction of SQLite. Diesel finds this statement by its
/// type in the cache. For one with `ON CONFLICT` it would write the SQL each time, which makes the
/// creation of a book 5 % slower.
pub(crate) async fn insert_book(
    conn: &mut Connection,
    row: &NewBookRow,
) -> QueryResult<Option<i64>> {
    let insert = insert_into(books::table).values(row).returning(books::id);
    match insert.get_result(conn).await {
        Ok(id) => Ok(Some(id)),
        Err(error) if violates(&error, BOOKS_ISBN) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The number of books that one statement adds. A statement has at most 32,766 values.
const INSERTED_BOOKS: usize = 1000;

/// Adds books and returns the id of each, or nothing if another book has its ISBN.
///
/// The text index writes its entries at the end of each statement and merges them later. One statement
/// for many books makes this much cheaper than one for each.
pub(crate) async fn insert_books(
    conn: &mut Connection,
    rows: &[&NewBookRow],
) -> QueryResult<Vec<Option<i64>>> {
    let mut added = Vec::with_capacity(rows.len());
    for rows in rows.chunks(INSERTED_BOOKS) {
        thread::yield_now();
        // With RETURNING, Diesel would run a statement for each row.
        match insert_into(books::table).values(rows.to_vec()).execute(conn).await {
            Ok(_) => {
                // AUTOINCREMENT gives each row the id after that of the row before.
                let last = select(sql::<BigInt>("last_insert_rowid()"));
                let last: i64 = last.get_result(conn).await?;
                added.extend((last - rows.len() as i64 + 1..=last).map(Some));
            }
            // One of the rows has an ISBN that is taken, and the statement has added none of them.
            Err(error) if violates(&error, BOOKS_ISBN) => {
                for row in rows {
                    added.push(insert_book(conn, row).await?);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(added)
}

/// Whether an error is the violation of a foreign key because the user does not exist. SQLite does
/// not name the key, so this looks for the user.
pub(crate) async fn is_user_missing(
    conn: &mut Connection,
    _: &Error,
    user: UserId,
) -> QueryResult<bool> {
    let is_there: bool = select(exists(users::table.find(user.get()))).get_result(conn).await?;
    Ok(!is_there)
}

/// Does work that may fail without ending the command. If it fails, its writes are rolled back.
pub(crate) async fn savepoint<T, E: From<Error>>(
    conn: &mut Connection,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    AnsiTransactionManager::begin_transaction(conn)?;
    let outcome = work(conn).await;
    match outcome {
        Ok(_) => AnsiTransactionManager::commit_transaction(conn)?,
        Err(_) => AnsiTransactionManager::rollback_transaction(conn)?,
    }
    outcome
}
