use async_trait::async_trait;
use bookshelf_domain::{
    AnswerError, AnswerRepository, KeyReused, Made, Once, StoreError, Timestamp,
};
use diesel::dsl::array;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::schema::answers;

/// The remembered answers in a PostgreSQL database.
#[derive(Clone)]
pub struct PostgresAnswerRepository {
    postgres: Postgres,
}

impl PostgresAnswerRepository {
    pub fn new(postgres: Postgres) -> Self {
        Self { postgres }
    }
}

#[async_trait]
impl AnswerRepository for PostgresAnswerRepository {
    async fn find(
        &self,
        key: [u8; 32],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, AnswerError> {
        let found = self.postgres.read(async move |conn| {
            let found = remembered(&key, now).first(conn).await.optional()?;
            found.map(|found| of_this_request(found, &fingerprint)).transpose()
        });
        found.await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let purged = self.postgres.statement(async move |conn| {
            let old_answers = diesel::alias!(answers as old_answers);
            // What another instance is purging, or somebody is taking over, is left to them.
            let old = old_answers
                .filter(old_answers.field(answers::created_at).lt(before.timestamp_micros()))
                .select(old_answers.field(answers::key))
                .limit(limit.into())
                .for_update()
                .skip_locked();
            // As an array the rows are chosen once; joined, they may be chosen again and again.
            let purged = diesel::delete(answers::table.filter(answers::key.eq_any(array(old))));
            Ok(purged.execute(conn).await? as u64)
        });
        purged.await
    }
}

/// Makes a thing within a transaction, unless it was made before.
///
/// The key is claimed first: whoever comes with the same key meanwhile waits for the end of the
/// transaction, and then finds its answer or, where it failed, claims the key itself.
pub(crate) async fn make_once<T, E: From<KeyReused>>(
    conn: &mut AsyncPgConnection,
    once: Option<Once<T>>,
    make: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>>,
) -> Result<Made<T>, Failure<E>> {
    let Some(once) = once else { return make(conn).await.map(Made::Now) };
    if !claim(conn, &once).await? {
        let found = remembered(&once.key, once.at).first(conn).await?;
        return of_this_request(found, &once.fingerprint).map(Made::Before);
    }
    let made = make(conn).await?;
    diesel::update(answers::table.find(&once.key[..]))
        .set(answers::answer.eq((once.answer)(&made)))
        .execute(conn)
        .await?;
    Ok(Made::Now(made))
}

/// Puts a row without an answer, which nobody else can see, where none is remembered. One that is
/// remembered is locked, so that it stays until it is read.
async fn claim<T>(conn: &mut AsyncPgConnection, once: &Once<T>) -> QueryResult<bool> {
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
        // One whose time is over may not have been purged yet.
        .filter(answers::created_at.le(oldest(once.at)))
        .execute(conn)
        .await?;
    Ok(claimed > 0)
}

/// Fingerprint and answer of what is remembered for a key.
#[diesel::dsl::auto_type(no_type_alias)]
fn remembered<'a>(key: &'a [u8; 32], now: Timestamp) -> _ {
    let key: &'a [u8] = key;
    let oldest: i64 = oldest(now);
    answers::table
        .filter(answers::key.eq(key).and(answers::created_at.gt(oldest)))
        .select((answers::fingerprint, answers::answer))
}

fn oldest(now: Timestamp) -> i64 {
    (now - Once::<()>::KEPT).timestamp_micros()
}

fn of_this_request<E: From<KeyReused>>(
    (known, answer): (Vec<u8>, Vec<u8>),
    fingerprint: &[u8; 32],
) -> Result<Vec<u8>, Failure<E>> {
    if known == fingerprint { Ok(answer) } else { Err(Failure::Domain(KeyReused.into())) }
}
