//! Idempotency keys: a request that is sent again creates nothing twice.

use std::sync::Arc;

use bookshelf_domain::{Clock, IdempotencyKey, IdempotencyRepository, Made};
use sha2::{Digest, Sha256};

use crate::mac::hmac_sha256;
use crate::{Error, Principal};

/// The idempotency key of a request.
///
/// `client_key` is the text that the client chose. The same text of another principal gives another
/// key. `fingerprint` is a digest of the request. The result reveals neither the principal nor the
/// client's key, so a person who has only the database cannot decrypt the resources in it.
pub fn idempotency_key(
    principal: Principal,
    client_key: &str,
    fingerprint: [u8; 32],
) -> IdempotencyKey {
    let principal = principal.to_string();
    // The length comes first, so that no two pairs give the same bytes.
    let mut both = Sha256::new();
    both.update((principal.len() as u64).to_be_bytes());
    both.update(&principal);
    both.update(client_key);
    let both: [u8; 32] = both.finalize().into();
    IdempotencyKey {
        lookup: hmac_sha256(&both, &[b"lookup"]),
        secret: hmac_sha256(&both, &[b"seal"]),
        fingerprint,
    }
}

/// The answer to a request that would be refused now: if it is a retry, what the first request
/// created. Meanwhile a time may have passed, or a rule may have changed.
pub(crate) async fn answer_again<T, E>(
    key: Option<IdempotencyKey>,
    refusal: impl Into<Error>,
    find: impl AsyncFnOnce(IdempotencyKey) -> Result<Option<T>, E>,
) -> Result<Made<T>, Error>
where
    Error: From<E>,
{
    let Some(key) = key else { return Err(refusal.into()) };
    find(key).await?.map(Made::Before).ok_or_else(|| refusal.into())
}

/// Deletes idempotency keys whose lifetime is over.
#[derive(Clone)]
pub struct IdempotencyKeys {
    repository: Arc<dyn IdempotencyRepository>,
    clock: Arc<dyn Clock>,
}

impl IdempotencyKeys {
    pub fn new(repository: Arc<dyn IdempotencyRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { repository, clock }
    }

    /// Deletes at most `limit` keys and returns how many there were.
    pub async fn purge(&self, limit: u32) -> Result<u64, Error> {
        let before = self.clock.now() - IdempotencyKey::LIFETIME;
        Ok(self.repository.purge(before, limit).await?)
    }
}

#[cfg(test)]
mod tests {
    use bookshelf_domain::accounts::UserId;

    use super::*;

    fn key(user: i64, client_key: &str) -> IdempotencyKey {
        idempotency_key(Principal::User(UserId::new(user)), client_key, [0; 32])
    }

    #[test]
    fn principals_and_client_keys_are_kept_apart() {
        assert_eq!(key(1, "k"), key(1, "k"));
        assert_ne!(key(1, "23").lookup, key(12, "3").lookup);
        assert_ne!(key(1, "k").secret, key(2, "k").secret);
        assert_ne!(key(1, "k").lookup, key(1, "k").secret);
    }
}
