//! Computes the forms of texts again that another version of the program stored.

use std::thread;
use std::time::Duration;

use bookshelf_domain::StoreError;
use bookshelf_domain::books::BookFields;
use bookshelf_domain::fold::VERSION;
use diesel::dsl::exists;
use diesel::prelude::*;
use tokio::runtime::Builder;

use super::dialect::{
    Connection, Engine, FOR_UPDATE, RunQueryDsl, lock_many_books, unindexed, yield_to_readers,
};
use super::filter::BookCondition;
use crate::books::row::DerivedRow;
use crate::failure::Failure;
use crate::row_lock::LockRows;
use crate::schema::books;
use crate::sql::sql;

/// The number of books that one transaction computes. Writers wait for it.
const BATCH: i64 = 500;

/// The number of books among which one transaction looks for those that are out of date. Among
/// millions of books it would take longer than a statement may.
const WINDOW: i64 = 2_000;

/// A batch may find the database busy, because other instances compute or import.
const ATTEMPTS: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);

/// Computes what is out of date and returns the number of books. It blocks the thread.
///
/// Several instances may do so at once: they take turns, and skip what another one has done. An
/// interruption keeps the finished batches.
pub(crate) fn renew_blocking(engine: &Engine) -> Result<u64, StoreError> {
    block_on(renew(engine))
}

/// Whether forms of texts are stored that another version computed. It blocks the thread.
pub(crate) fn any_out_of_date_blocking(engine: &Engine) -> Result<bool, StoreError> {
    block_on(any_out_of_date(engine))
}

fn block_on<T: Send>(
    work: impl Future<Output = Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    let run = || {
        let runtime = Builder::new_current_thread().build().map_err(StoreError::unexpected)?;
        runtime.block_on(work)
    };
    // The caller's thread may belong to a runtime.
    thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|_| Err(StoreError::unexpected("the computation of sort keys panicked")))
}

async fn renew(engine: &Engine) -> Result<u64, StoreError> {
    if !any_out_of_date(engine).await? {
        return Ok(0);
    }
    tracing::info!("computing the texts by which books are searched and sorted");
    let (mut count, mut next) = (0, Some(0));
    while let Some(after) = next {
        let batch = renew_next(engine, after).await?;
        count += batch.renewed;
        next = batch.next;
    }
    tracing::info!(books = count, "computed the texts by which books are searched and sorted");
    Ok(count)
}

async fn any_out_of_date(engine: &Engine) -> Result<bool, StoreError> {
    let find = engine.scan::<bool, StoreError>(async |conn: &mut Connection| {
        let earlier = books::table.filter(key("title_sort", "<", VERSION));
        let is_earlier: bool = diesel::select(exists(earlier)).get_result(conn).await?;
        let later = books::table.filter(key("title_sort", ">=", VERSION + 1));
        Ok(is_earlier || diesel::select(exists(later)).get_result(conn).await?)
    });
    find.await
}

/// A batch of books that were out of date.
struct Renewed {
    renewed: u64,
    /// The id after which the next batch begins, unless this is the last batch.
    next: Option<i64>,
}

async fn renew_next(engine: &Engine, after: i64) -> Result<Renewed, StoreError> {
    let mut attempt = 1;
    loop {
        let batch =
            engine.write(async move |conn: &mut Connection| renew_batch(conn, after).await).await;
        match batch {
            Err(StoreError::Unavailable(_)) if attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
        thread::sleep(PAUSE);
    }
}

async fn renew_batch(conn: &mut Connection, after: i64) -> Result<Renewed, Failure<StoreError>> {
    lock_many_books(conn).await?;
    // The last book of the window, unless fewer books are left.
    let end: Option<i64> = books::table
        .filter(books::id.gt(after))
        .order(books::id)
        .offset(WINDOW - 1)
        .limit(1)
        .select(books::id)
        .get_result(conn)
        .await
        .optional()?;
    // Not by the index of the keys: it still has the earlier keys of the rows that are done.
    let title_sort = unindexed("title_sort");
    let is_out_of_date = key(&title_sort, "<", VERSION).or(key(&title_sort, ">=", VERSION + 1));
    let rows: Vec<(i64, String, String, Option<String>)> = books::table
        .filter(books::id.gt(after).and(books::id.le(end.unwrap_or(i64::MAX))))
        .filter(is_out_of_date)
        .order(books::id)
        .limit(BATCH)
        .select((books::id, books::title, books::author, books::genre))
        .lock_rows(FOR_UPDATE)
        .load(conn)
        .await?;
    let next = match rows.last() {
        Some((last, ..)) if rows.len() as i64 == BATCH => Some(*last),
        _ => end,
    };
    let batch = Renewed { renewed: rows.len() as u64, next };
    for (number, (id, title, author, genre)) in rows.into_iter().enumerate() {
        yield_to_readers(number);
        let derived =
            DerivedRow::of(&title, &author, genre.as_deref().unwrap_or(BookFields::DEFAULT_GENRE));
        diesel::update(books::table.find(id)).set(derived).execute(conn).await?;
    }
    Ok(batch)
}

/// The condition that a key is less, or not less, than all keys of a version.
fn key(column: &str, operator: &str, version: u8) -> BookCondition {
    Box::new(sql(format!("{column} {operator} ")).bytes([version]))
}
