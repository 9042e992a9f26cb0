use async_trait::async_trait;
use bookshelf_domain::{
    IdempotencyKey, IdempotencyRepository, KeyReused, Made, StoreError, Timestamp,
};
use diesel::prelude::*;
use diesel::upsert::excluded;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dialect::{Connection, Engine, FOR_UPDATE_SKIP_LOCKED, RunQueryDsl};
use crate::failure::{Failure, PortError};
use crate::row_lock::LockRows;
use crate::schema::idempotency_keys;
use crate::sealing::{open, seal};

/// The idempotency keys in a database, each with the resource that was created under it.
#[derive(Clone)]
pub(crate) struct IdempotencyAdapter(pub(crate) Engine);

#[async_trait]
impl IdempotencyRepository for IdempotencyAdapter {
    /// Skips the keys that another instance is purging or a request is replacing.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let purge = self.0.write(async move |conn| {
            let old: Vec<Vec<u8>> = idempotency_keys::table
                .filter(idempotency_keys::created_at.lt(before.timestamp_micros()))
                .select(idempotency_keys::lookup)
                .limit(limit.into())
                .lock_rows(FOR_UPDATE_SKIP_LOCKED)
                .load(conn)
                .await?;
            let purged = idempotency_keys::table.filter(idempotency_keys::lookup.eq_any(old));
            Ok(diesel::delete(purged).execute(conn).await? as u64)
        });
        purge.await
    }
}

/// A resource that can be stored under an idempotency key.
pub(super) trait Resource: Serialize + DeserializeOwned + Send + 'static {}

impl<T: Serialize + DeserializeOwned + Send + 'static> Resource for T {}

/// Creates a resource by one statement, unless it was created before with the same key. Without a
/// key nothing is stored beside the resource, so the statement needs no transaction.
pub(super) async fn create<T: Resource, E: PortError + From<KeyReused>>(
    engine: &Engine,
    key: Option<IdempotencyKey>,
    at: Timestamp,
    make: impl AsyncFnOnce(&mut Connection) -> Result<T, Failure<E>> + Send + 'static,
) -> Result<Made<T>, E> {
    match key {
        None => engine.statement(make).await.map(Made::Now),
        key => engine.write(async move |conn| make_once(conn, key, at, make).await).await,
    }
}

/// Creates a resource within a transaction, unless it was created before with the same key.
///
/// The key is claimed first. A request that comes with the same key meanwhile waits for the end of
/// the transaction. Then it finds the stored resource or, if the transaction failed, claims the key
/// itself.
pub(super) async fn make_once<T: Resource, E: From<KeyReused> + From<StoreError>>(
    conn: &mut Connection,
    key: Option<IdempotencyKey>,
    at: Timestamp,
    make: impl AsyncFnOnce(&mut Connection) -> Result<T, Failure<E>>,
) -> Result<Made<T>, Failure<E>> {
    let Some(key) = key else { return make(conn).await.map(Made::Now) };
    if !claim(conn, &key, at).await? {
        let (fingerprint, resource): (Vec<u8>, Vec<u8>) = idempotency_keys::table
            .find(&key.lookup[..])
            .select((idempotency_keys::fingerprint, idempotency_keys::resource))
            .get_result(conn)
            .await?;
        return read_stored(&key, &fingerprint, &resource).map(Made::Before);
    }
    let made = make(conn).await?;
    let sealed = seal(&key, at, &made).map_err(Failure::Store)?;
    diesel::update(idempotency_keys::table.find(&key.lookup[..]))
        .set(idempotency_keys::resource.eq(sealed))
        .execute(conn)
        .await?;
    Ok(Made::Now(made))
}

/// Finds the resource that was created under this key.
pub(super) async fn find_stored<T: Resource, E: PortError + From<KeyReused>>(
    engine: &Engine,
    key: IdempotencyKey,
    at: Timestamp,
) -> Result<Option<T>, E> {
    let find = engine.read(async move |conn| {
        let stored: Option<(Vec<u8>, Vec<u8>)> = idempotency_keys::table
            .filter(idempotency_keys::lookup.eq(&key.lookup[..]))
            .filter(idempotency_keys::created_at.gt(expired_until(at)))
            .select((idempotency_keys::fingerprint, idempotency_keys::resource))
            .get_result(conn)
            .await
            .optional()?;
        stored.map(|(fingerprint, resource)| read_stored(&key, &fingerprint, &resource)).transpose()
    });
    find.await
}

/// Adds a row without a resource, which no other transaction can see, unless the key has a stored
/// resource. The row of a stored resource is locked, so that it stays until it is read.
async fn claim(conn: &mut Connection, key: &IdempotencyKey, at: Timestamp) -> QueryResult<bool> {
    use diesel::query_dsl::methods::FilterDsl;
    let row = (
        idempotency_keys::lookup.eq(&key.lookup[..]),
        idempotency_keys::fingerprint.eq(&key.fingerprint[..]),
        idempotency_keys::resource.eq(&[][..]),
        idempotency_keys::created_at.eq(at.timestamp_micros()),
    );
    let claimed = diesel::insert_into(idempotency_keys::table)
        .values(row)
        .on_conflict(idempotency_keys::lookup)
        .do_update()
        .set((
            idempotency_keys::fingerprint.eq(excluded(idempotency_keys::fingerprint)),
            idempotency_keys::resource.eq(excluded(idempotency_keys::resource)),
            idempotency_keys::created_at.eq(excluded(idempotency_keys::created_at)),
        ))
        // An expired key may not have been purged yet.
        .filter(idempotency_keys::created_at.le(expired_until(at)))
        .execute(conn)
        .await?;
    Ok(claimed > 0)
}

fn expired_until(at: Timestamp) -> i64 {
    (at - IdempotencyKey::LIFETIME).timestamp_micros()
}

fn read_stored<T: Resource, E: From<KeyReused> + From<StoreError>>(
    key: &IdempotencyKey,
    fingerprint: &[u8],
    resource: &[u8],
) -> Result<T, Failure<E>> {
    if fingerprint != key.fingerprint {
        return Err(Failure::Domain(KeyReused.into()));
    }
    open(key, resource).map_err(Failure::Store)
}
