use async_trait::async_trait;
use bookshelf_domain::{
    AnswerError, AnswerRepository, KeyReused, Made, Once, StoreError, Timestamp,
};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::dialect::{Connection, Engine, FOR_UPDATE_SKIP_LOCKED, RunQueryDsl};
use crate::failure::{Failure, PortError};
use crate::row_lock::LockRows;
use crate::schema::answers;

/// The stored responses in a database, each under its idempotency key.
#[derive(Clone)]
pub struct IdempotencyAdapter(Engine);

impl IdempotencyAdapter {
    pub const fn new(engine: Engine) -> Self {
        Self(engine)
    }
}

#[async_trait]
impl AnswerRepository for IdempotencyAdapter {
    async fn find(
        &self,
        key: [u8; 32],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, AnswerError> {
        let find = self.0.read(async move |conn| {
            let stored = stored_response(&key, now).get_result(conn).await.optional()?;
            stored.map(|stored| response_to(&fingerprint, stored)).transpose()
        });
        find.await
    }

    /// Skips the responses that another instance is purging or a request is replacing.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let purge = self.0.write(async move |conn| {
            let old: Vec<Vec<u8>> = answers::table
                .filter(answers::created_at.lt(before.timestamp_micros()))
                .select(answers::key)
                .limit(limit.into())
                .lock_rows(FOR_UPDATE_SKIP_LOCKED)
                .load(conn)
                .await?;
            let purged = diesel::delete(answers::table.filter(answers::key.eq_any(old)));
            Ok(purged.execute(conn).await? as u64)
        });
        purge.await
    }
}

/// Makes a thing by one statement, unless it was made before with the same key. Without a key
/// nothing is stored beside it, so the statement needs no transaction.
pub(super) async fn create<T: Send + 'static, E: PortError + From<KeyReused>>(
    engine: &Engine,
    once: Option<Once<T>>,
    make: impl AsyncFnOnce(&mut Connection) -> Result<T, Failure<E>> + Send + 'static,
) -> Result<Made<T>, E> {
    match once {
        None => engine.statement(make).await.map(Made::Now),
        once => engine.write(async move |conn| make_once(conn, once, make).await).await,
    }
}

/// Makes a thing within a transaction, unless it was made before with the same key.
///
/// The key is claimed first. A request that comes with the same key meanwhile waits for the end of
/// the transaction. Then it finds the stored response or, if the transaction failed, claims the key
/// itself.
pub(super) async fn make_once<T, E: From<KeyReused>>(
    conn: &mut Connection,
    once: Option<Once<T>>,
    make: impl AsyncFnOnce(&mut Connection) -> Result<T, Failure<E>>,
) -> Result<Made<T>, Failure<E>> {
    let Some(once) = once else { return make(conn).await.map(Made::Now) };
    if !claim(conn, &once).await? {
        let stored = stored_response(&once.key, once.at).get_result(conn).await?;
        return response_to(&once.fingerprint, stored).map(Made::Before);
    }
    let made = make(conn).await?;
    diesel::update(answers::table.find(&once.key[..]))
        .set(answers::answer.eq((once.answer)(&made)))
        .execute(conn)
        .await?;
    Ok(Made::Now(made))
}

/// Adds a row without a response, which no other transaction can see, unless the key has a stored
/// response. The row of a stored response is locked, so that it stays until it is read.
async fn claim<T>(conn: &mut Connection, once: &Once<T>) -> QueryResult<bool> {
    use diesel::query_dsl::methods::FilterDsl;
    let row = (
        answers::key.eq(&once.key[..]),
        answers::fingerprint.eq(&once.fingerprint[..]),
        answers::answer.eq(&[][..]),
        answers::created_at.eq(once.at.timestamp_micros()),
    );
    let claimed = diesel::insert_into(answers::table)
        .values(row)
        .on_conflict(answers::key)
        .do_update()
        .set((
            answers::fingerprint.eq(excluded(answers::fingerprint)),
            answers::answer.eq(excluded(answers::answer)),
            answers::created_at.eq(excluded(answers::created_at)),
        ))
        // An expired response may not have been purged yet.
        .filter(answers::created_at.le(expired_until(once.at)))
        .execute(conn)
        .await?;
    Ok(claimed > 0)
}

/// Fingerprint and response that are stored for a key.
#[diesel::dsl::auto_type(no_type_alias)]
fn stored_response<'a>(key: &'a [u8; 32], now: Timestamp) -> _ {
    let key: &'a [u8] = key;
    let expired_until: i64 = expired_until(now);
    answers::table
        .filter(answers::key.eq(key).and(answers::created_at.gt(expired_until)))
        .select((answers::fingerprint, answers::answer))
}

fn expired_until(now: Timestamp) -> i64 {
    (now - Once::<()>::KEPT).timestamp_micros()
}

fn response_to<E: From<KeyReused>>(
    fingerprint: &[u8; 32],
    (stored_fingerprint, response): (Vec<u8>, Vec<u8>),
) -> Result<Vec<u8>, Failure<E>> {
    if stored_fingerprint == fingerprint {
        Ok(response)
    } else {
        Err(Failure::Domain(KeyReused.into()))
    }
}
