use async_trait::async_trait;
use bookshelf_domain::{
    AnswerError, AnswerRepository, KeyReused, Made, Once, StoreError, Timestamp,
};
use diesel::prelude::*;

use crate::failure::Failure;
use crate::schema::answers;
use crate::sqlite::Sqlite;

/// The remembered answers in a SQLite database.
#[derive(Clone)]
pub struct SqliteAnswerRepository {
    sqlite: Sqlite,
}

impl SqliteAnswerRepository {
    pub fn new(sqlite: Sqlite) -> Self {
        Self { sqlite }
    }
}

#[async_trait]
impl AnswerRepository for SqliteAnswerRepository {
    async fn find(
        &self,
        key: [u8; 32],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, AnswerError> {
        self.sqlite.read(move |conn| find(conn, &key, &fingerprint, now)).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sqlite
            .write(move |conn| {
                let old_answers = diesel::alias!(answers as old_answers);
                let old = old_answers
                    .filter(old_answers.field(answers::created_at).lt(before.timestamp_micros()))
                    .select(old_answers.field(answers::key))
                    .limit(limit.into());
                let purged = diesel::delete(answers::table.filter(answers::key.eq_any(old)));
                Ok(purged.execute(conn)? as u64)
            })
            .await
    }
}

/// Makes a thing within the writer's transaction, unless it was made before.
pub(crate) fn make_once<T, E: From<KeyReused>>(
    conn: &mut SqliteConnection,
    once: Option<Once<T>>,
    make: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure<E>>,
) -> Result<Made<T>, Failure<E>> {
    let Some(once) = once else { return make(conn).map(Made::Now) };
    if let Some(answer) = find(conn, &once.key, &once.fingerprint, once.at)? {
        return Ok(Made::Before(answer));
    }
    let made = make(conn)?;
    let row = (
        answers::key.eq(&once.key[..]),
        answers::fingerprint.eq(&once.fingerprint[..]),
        answers::answer.eq((once.answer)(&made)),
        answers::created_at.eq(once.at.timestamp_micros()),
    );
    // One whose time is over may not have been purged yet.
    diesel::replace_into(answers::table).values(row).execute(conn)?;
    Ok(Made::Now(made))
}

fn find<E: From<KeyReused>>(
    conn: &mut SqliteConnection,
    key: &[u8; 32],
    fingerprint: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Failure<E>> {
    let oldest = (now - Once::<()>::KEPT).timestamp_micros();
    let found = answers::table
        .filter(answers::key.eq(&key[..]).and(answers::created_at.gt(oldest)))
        .select((answers::fingerprint, answers::answer))
        .first::<(Vec<u8>, Vec<u8>)>(conn)
        .optional()?;
    match found {
        Some((known, _)) if known != fingerprint => Err(Failure::Domain(KeyReused.into())),
        found => Ok(found.map(|(_, answer)| answer)),
    }
}
