use std::fmt;

use async_trait::async_trait;
use chrono::TimeDelta;

use crate::{StoreError, Timestamp};

/// Names a request that must create only one resource, however often it is sent.
///
/// A repository method that takes an idempotency key MUST, in the transaction of the write itself,
///
/// - when no resource is stored for `lookup`, or one older than [`IdempotencyKey::LIFETIME`],
///   create the resource, store it under the key, and return [`Made::Now`];
/// - when a resource is stored with the same fingerprint, create nothing and return
///   [`Made::Before`] with the resource as it was when it was created;
/// - when a resource is stored with another fingerprint, create nothing and return [`KeyReused`].
///
/// A request that fails stores nothing and can be sent again. Of several simultaneous requests with
/// one key exactly one MUST create the resource. The others MUST wait and return it.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Finds the stored resource. It reveals neither the principal nor the client's key.
    pub lookup: [u8; 32],
    /// The secret with which the stored resource is encrypted. It MUST NOT be stored.
    pub secret: [u8; 32],
    /// The digest of the request: another request has another fingerprint.
    pub fingerprint: [u8; 32],
}

impl IdempotencyKey {
    /// How long a resource is stored under its key.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(24);
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(…)")
    }
}

/// A resource that was created only once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made<T> {
    /// The request was carried out now.
    Now(T),
    /// An earlier request with the same idempotency key created it. This is the resource as it was
    /// then.
    Before(T),
}

impl<T> Made<T> {
    /// Returns the result, whether it was made now or before.
    pub fn into_inner(self) -> T {
        match self {
            Self::Now(made) | Self::Before(made) => made,
        }
    }
}

/// The idempotency key was used for another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key was used for another request")]
pub struct KeyReused;

/// Deletes old [`IdempotencyKey`]s.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync {
    /// Deletes at most `limit` keys stored before `before` and returns how many there were. The
    /// limit keeps other writes from waiting long.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
