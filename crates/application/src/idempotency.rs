//! Idempotency keys: a request that is sent again creates nothing twice.

use bookshelf_domain::IdempotencyKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::Principal;

/// The idempotency key of a request.
///
/// `client_key` is what the client chose, and counts for this principal alone. `fingerprint` is a
/// digest of the request. Neither principal nor client key can be read from the result, and a person
/// who has only the database cannot decrypt what is stored under it.
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
    IdempotencyKey { lookup: derive(&both, "lookup"), secret: derive(&both, "seal"), fingerprint }
}

fn derive(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
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
