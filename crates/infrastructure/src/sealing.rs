//! How the resource of an idempotency key is encrypted.
//!
//! The key of the encryption is derived from the client's own idempotency key and is not stored. So
//! a person who has only the database can read neither the resource nor, for an API key, its secret.

use bookshelf_domain::{IdempotencyKey, StoreError, Timestamp};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

const NONCE: usize = 24;

/// The resource as JSON, encrypted, behind its nonce.
pub(crate) fn seal<T: Serialize>(
    key: &IdempotencyKey,
    at: Timestamp,
    resource: &T,
) -> Result<Vec<u8>, StoreError> {
    let nonce = nonce(key, at);
    let resource = serde_json::to_vec(resource).map_err(StoreError::unexpected)?;
    let sealed = cipher(key)
        .encrypt(&XNonce::from(nonce), &resource[..])
        .map_err(|_| StoreError::unexpected("a resource is too large to be encrypted"))?;
    Ok([&nonce[..], &sealed].concat())
}

pub(crate) fn open<T: DeserializeOwned>(
    key: &IdempotencyKey,
    sealed: &[u8],
) -> Result<T, StoreError> {
    let resource = sealed
        .split_first_chunk::<NONCE>()
        .and_then(|(nonce, rest)| cipher(key).decrypt(&XNonce::from(*nonce), rest).ok())
        .ok_or_else(|| StoreError::unexpected("a stored resource cannot be decrypted"))?;
    serde_json::from_slice(&resource).map_err(StoreError::unexpected)
}

fn cipher(key: &IdempotencyKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.secret.into())
}

/// A nonce must be used only once with a key. One key is used again after its lifetime at the
/// earliest, so the time makes the nonce unique.
fn nonce(key: &IdempotencyKey, at: Timestamp) -> [u8; NONCE] {
    let digest = Sha256::new_with_prefix(key.fingerprint)
        .chain_update(at.timestamp_micros().to_be_bytes())
        .finalize();
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: u8) -> IdempotencyKey {
        IdempotencyKey { lookup: [0; 32], secret: [secret; 32], fingerprint: [1; 32] }
    }

    #[test]
    fn a_resource_opens_with_its_own_key_only() {
        let at = "2026-11-21T06:00:00Z".parse().unwrap();
        let sealed = seal(&key(1), at, &"secret").unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_eq!(open::<String>(&key(1), &sealed).unwrap(), "secret");
        assert!(open::<String>(&key(2), &sealed).is_err());
        assert!(open::<String>(&key(1), &sealed[..20]).is_err());
    }
}
