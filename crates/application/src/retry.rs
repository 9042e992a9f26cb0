//! Retries that make nothing twice.

use std::sync::Arc;

use bookshelf_domain::{
    AnswerError, AnswerFor, AnswerRepository, Clock, Made, Once, Random, Timestamp,
};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::Error;

/// A request that its client may send again, under a key of its choice.
#[derive(Clone)]
pub struct Retry {
    /// Who sent it.
    pub principal: String,
    /// The client's key.
    pub key: String,
    /// Tells the request from every other.
    pub fingerprint: [u8; 32],
}

/// The same, and how its answer is written.
#[derive(Clone)]
pub struct Retriable<T> {
    pub retry: Retry,
    pub answer: AnswerFor<T>,
}

/// Remembers answers, sealed with the client's own key: whoever has only the database can read
/// neither the answers nor the keys.
#[derive(Clone)]
pub struct Retries {
    answers: Arc<dyn AnswerRepository>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

const NONCE: usize = 24;

impl Retries {
    pub fn new(
        answers: Arc<dyn AnswerRepository>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { answers, clock, random }
    }

    /// Makes a thing, or finds the answer that its request had before.
    pub(crate) async fn make<T: 'static>(
        &self,
        retry: Option<Retriable<T>>,
        now: Timestamp,
        make: impl AsyncFnOnce(Option<Once<T>>) -> Result<Made<T>, Error>,
    ) -> Result<Made<T>, Error> {
        let Some(Retriable { retry, answer }) = retry else {
            return make(None).await;
        };
        let key = retry.derive("lookup");
        // Asked first: what comes before the write can be slow, as the hash of a password is.
        if let Some(sealed) = self.answers.find(key, retry.fingerprint, now).await? {
            return retry.open(&sealed).map(Made::Before);
        }
        let mut nonce = [0; NONCE];
        self.random.fill(&mut nonce);
        let sealing = retry.clone();
        let once = Once {
            key,
            fingerprint: retry.fingerprint,
            answer: Arc::new(move |made| sealing.seal(nonce, &answer(made))),
            at: now,
        };
        match make(Some(once)).await? {
            Made::Before(sealed) => retry.open(&sealed).map(Made::Before),
            made => Ok(made),
        }
    }

    /// Forgets some of the answers whose time is over, and tells how many.
    pub async fn purge(&self, limit: u32) -> Result<u64, Error> {
        Ok(self.answers.purge(self.clock.now() - Once::<()>::KEPT, limit).await?)
    }
}

impl Retry {
    /// A key for one purpose that neither tells the client's key nor the principal.
    fn derive(&self, purpose: &str) -> [u8; 32] {
        // The length stands first, so that no two pairs run together into the same bytes.
        let mut key = Sha256::new();
        key.update((self.principal.len() as u64).to_be_bytes());
        key.update(&self.principal);
        key.update(&self.key);
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key.finalize())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.derive("seal").into())
    }

    fn seal(&self, nonce: [u8; NONCE], answer: &[u8]) -> Vec<u8> {
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), answer);
        // It fails only past 256 GiB; nothing remembered means that nothing is replayed.
        sealed.map(|sealed| [&nonce[..], &sealed].concat()).unwrap_or_default()
    }

    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        sealed
            .split_first_chunk::<NONCE>()
            .and_then(|(nonce, rest)| self.cipher().decrypt(&XNonce::from(*nonce), rest).ok())
            .ok_or_else(|| Error::Unexpected("a remembered answer cannot be opened".into()))
    }
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::KeyReused(_) => Self::IdempotencyKeyReused,
            AnswerError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use bookshelf_domain::{MockAnswerRepository, MockClock, MockRandom};

    use super::*;

    /// For tests in which nothing is retried.
    pub(crate) fn no_retries() -> Retries {
        let answers = Arc::new(MockAnswerRepository::new());
        Retries::new(answers, Arc::new(MockClock::new()), Arc::new(MockRandom::new()))
    }

    fn retry(principal: &str, key: &str) -> Retry {
        Retry { principal: principal.into(), key: key.into(), fingerprint: [0; 32] }
    }

    #[test]
    fn an_answer_opens_with_its_own_key_alone() {
        let mine = retry("user:1", "k");
        let sealed = mine.seal([1; NONCE], b"secret");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_eq!(mine.open(&sealed).unwrap(), b"secret");
        assert!(retry("user:1", "l").open(&sealed).is_err());
        assert!(retry("user:2", "k").open(&sealed).is_err());
    }

    #[test]
    fn principals_and_keys_do_not_run_together() {
        assert_ne!(retry("user:1", "23").derive("lookup"), retry("user:12", "3").derive("lookup"));
    }
}
