use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{StoreError, Timestamp};

/// Writes the answer for a thing that was made.
pub type AnswerFor<T> = Arc<dyn Fn(&T) -> Vec<u8> + Send + Sync>;

/// The wish that something is made only once, however often it is asked for
/// (`Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header).
///
/// A repository that takes one MUST, in the transaction of the write itself,
///
/// - when `key` is unknown, or older than [`Once::KEPT`], make the thing and remember key,
///   fingerprint and the answer that `answer` gives for it;
/// - when it is known with the same fingerprint, make nothing and return [`Made::Before`] with the
///   remembered answer, to the byte;
/// - when it is known with another, make nothing and return [`KeyReused`].
///
/// What fails is not remembered: it may be tried again. Of several simultaneous requests with one key
/// exactly one makes the thing, and the others get its answer.
#[derive(Clone)]
pub struct Once<T> {
    /// Names principal and key of the client; neither can be read from it.
    pub key: [u8; 32],
    /// Tells the request from every other.
    pub fingerprint: [u8; 32],
    /// What to answer, now and again, for the thing that was made.
    pub answer: AnswerFor<T>,
    pub at: Timestamp,
}

impl<T> Once<T> {
    /// How long an answer is remembered.
    pub const KEPT: chrono::TimeDelta = chrono::TimeDelta::hours(24);
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("at", &self.at).finish_non_exhaustive()
    }
}

/// Something that was to be made only once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made<T> {
    Now(T),
    /// It was made before; this was the answer.
    Before(Vec<u8>),
}

impl<T> Made<T> {
    /// What was made now, if it was.
    pub fn now(self) -> Option<T> {
        match self {
            Self::Now(made) => Some(made),
            Self::Before(_) => None,
        }
    }
}

/// The key was used for another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key was used for another request")]
pub struct KeyReused;

/// Keeps the answers that [`Once`] remembers, beside the writes that made them.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AnswerRepository: Send + Sync {
    /// What was answered for this key, if it was made and is remembered; asked before work that is
    /// slow. `KeyReused` when it was made with another fingerprint.
    async fn find(
        &self,
        key: [u8; 32],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, AnswerError>;

    /// Forgets at most `limit` answers given before `before`, so that no purge holds up a write for
    /// long. Returns how many.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    Store(#[from] StoreError),
}
