//! The parts of the adapters that depend on PostgreSQL. `sqlite::dialect` has the same names.
//!
//! # Lock order
//!
//! Two transactions that lock the same things in different orders can end up waiting for each other.
//! PostgreSQL then aborts one of them. So every transaction locks in this order, and leaves out what it
//! does not need:
//!
//! 1. its idempotency key (`idempotency::make_once`);
//! 2. the admins ([`lock_admins`]);
//! 3. many books ([`lock_many_books`]), before it locks a second book: an import, and the deletion of a
//!    user;
//! 4. users;
//! 5. books, if it changes them or a rating: a trigger writes the sum of the ratings into the book;
//! 6. shelf entries, sessions, API keys and invitations.
//!
//! A new row locks the rows that its foreign keys refer to: a shelf entry its user, and then its book.
//! The deletion of a user deletes the rows of group 6, so it locks the books of the user's shelf first.
//!
//! One lock cannot be ordered: a transaction that writes an ISBN waits for another that is writing the
//! same one. Two transactions that exchange the ISBNs of two books may wait for each other. PostgreSQL
//! aborts one, and its client is asked to try again.

use std::collections::HashSet;

use bookshelf_domain::accounts::UserId;
use diesel::ExpressionMethods;
use diesel::insert_into;
use diesel::query_builder::{Query, QueryFragment};
use diesel::result::{DatabaseErrorKind, Error, OptionalExtension, QueryResult};
use diesel::sql_types::BigInt;
use diesel_async::{AnsiTransactionManager, SimpleAsyncConnection, TransactionManager};

use crate::books::row::NewBookRow;
use crate::row_lock::LockRows;
use crate::schema::books;
use crate::sql::sql;

pub(crate) use super::engine::Postgres as Engine;
pub(crate) use diesel::pg::Pg as Database;
pub(crate) use diesel_async::{AsyncPgConnection as Connection, RunQueryDsl};

pub(crate) const NO_LOCK: &str = "";
pub(crate) const FOR_KEY_SHARE: &str = " FOR KEY SHARE";
pub(crate) const FOR_NO_KEY_UPDATE: &str = " FOR NO KEY UPDATE";
pub(crate) const FOR_UPDATE: &str = " FOR UPDATE";
pub(crate) const FOR_SHARE: &str = " FOR SHARE";
pub(crate) const FOR_UPDATE_SKIP_LOCKED: &str = " FOR UPDATE SKIP LOCKED";

/// Locks the rows that a query finds until the transaction ends. Other rows can still refer to
/// them.
pub(crate) async fn lock(
    conn: &mut Connection,
    rows: impl Query + QueryFragment<Database> + Send,
) -> QueryResult<()> {
    rows.lock_rows(FOR_NO_KEY_UPDATE).execute(conn).await.map(drop)
}

/// Keeps other transactions from removing an admin. The number is "admins" in ASCII.
pub(crate) async fn lock_admins(conn: &mut Connection) -> QueryResult<()> {
    advisory_lock(conn, 0x6164_6d69_6e73).await
}

/// Keeps other transactions from changing many books. The number is "bookimpo" in ASCII.
///
/// It also keeps two imports from adding the same title and author, for which there is no
/// constraint.
pub(crate) async fn lock_many_books(conn: &mut Connection) -> QueryResult<()> {
    advisory_lock(conn, 0x626f_6f6b_696d_706f).await
}

async fn advisory_lock(conn: &mut Connection, key: i64) -> QueryResult<()> {
    let lock = diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(key);
    lock.execute(conn).await.map(drop)
}

/// Does nothing here: readers have server processes of their own and do not wait for a batch.
pub(crate) fn yield_to_readers(_: usize) {}

/// The function that returns the position of a part in a text: from 1 on, or 0 if there is none.
pub(crate) const POSITION: &str = "strpos";

/// The column in a form that no index has, so that PostgreSQL does not sort by an index.
pub(crate) fn unindexed(column: &str) -> String {
    format!("({column} || '')")
}

pub(crate) const BOOKS_ISBN: &str = "books_isbn_key";
pub(crate) const USERS_USERNAME: &str = "users_username_key";

/// Whether the error is the violation of this unique constraint.
pub(crate) fn violates(error: &Error, constraint: &str) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information)
        if information.constraint_name() == Some(constraint))
}

/// Adds a book and returns its id, or nothing if another book has its ISBN. It waits for a transaction
/// that is adding the same ISBN. The violation of a constraint would end the transaction.
pub(crate) async fn insert_book(
    conn: &mut Connection,
    row: &NewBookRow,
) -> QueryResult<Option<i64>> {
    let insert = insert_into(books::table).values(row).on_conflict(books::isbn).do_nothing();
    insert.returning(books::id).get_result(conn).await.optional()
}

/// Adds books and returns the id of each, or nothing if another book has its ISBN.
///
/// The ids are taken first: the rows that `ON CONFLICT` leaves out would otherwise not be known. The
/// search index collects new entries and sorts them in from time to time. A longer list of them, until
/// the transaction ends, makes this cheaper for each row.
pub(crate) async fn insert_books(
    conn: &mut Connection,
    rows: &[&NewBookRow],
) -> QueryResult<Vec<Option<i64>>> {
    conn.batch_execute("SET LOCAL gin_pending_list_limit = '16MB'").await?;
    let ids = sql::<BigInt>("nextval(pg_get_serial_sequence('books', 'id')) FROM ");
    let ids = ids.sql("generate_series(1, ").number(rows.len() as i64).sql(")");
    let ids: Vec<i64> = diesel::select(ids).load(conn).await?;
    let values: Vec<_> = ids.iter().zip(rows).map(|(id, row)| (books::id.eq(id), *row)).collect();
    let insert = insert_into(books::table).values(values).on_conflict(books::isbn).do_nothing();
    let added: HashSet<i64> = insert.returning(books::id).load(conn).await?.into_iter().collect();
    Ok(ids.into_iter().map(|id| Some(id).filter(|id| added.contains(id))).collect())
}

/// Whether an error is the violation of a foreign key because the user does not exist.
pub(crate) async fn is_user_missing(
    _: &mut Connection,
    error: &Error,
    _: UserId,
) -> QueryResult<bool> {
    Ok(matches!(error, Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, information)
        if information.constraint_name() == Some("shelf_entries_user_id_fkey")))
}

/// Does work that may fail without ending the transaction. If it fails, its writes are rolled back.
pub(crate) async fn savepoint<T, E: From<Error>>(
    conn: &mut Connection,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    AnsiTransactionManager::begin_transaction(conn).await?;
    let outcome = work(conn).await;
    match outcome {
        Ok(_) => AnsiTransactionManager::commit_transaction(conn).await?,
        Err(_) => AnsiTransactionManager::rollback_transaction(conn).await?,
    }
    outcome
}
