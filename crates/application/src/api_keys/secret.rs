use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::Random;
use bookshelf_domain::api_keys::ApiKeyDigest;
use sha2::{Digest, Sha256};

use super::ApiKeyFault;
use crate::Error;

/// The secret of an API key: `bks_`, 192 random bits and a checksum of 24, in base64url (RFC 4648).
/// It has no `Debug` form.
pub(super) struct ApiKeySecret([u8; 24]);

impl ApiKeySecret {
    const PREFIX: &'static str = "bks_";
    /// The number of characters in the prefix of a key. They show 48 of the random bits, and 144 stay
    /// secret.
    const SHOWN: usize = Self::PREFIX.len() + 8;

    pub(super) fn random(random: &dyn Random) -> Self {
        let mut secret = [0; 24];
        random.fill(&mut secret);
        Self(secret)
    }

    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(Self::PREFIX)?).ok()?;
            let (secret, checksum) = bytes.split_first_chunk()?;
            (checksum == Self::checksum(secret)).then_some(Self(*secret))
        };
        read().ok_or(Error::ApiKey(ApiKeyFault::Misspelt))
    }

    fn checksum(secret: &[u8; 24]) -> [u8; 3] {
        let digest: [u8; 32] =
            Sha256::new_with_prefix(b"checksum").chain_update(secret).finalize().into();
        [digest[0], digest[1], digest[2]]
    }

    pub(super) fn expose(&self) -> String {
        let mut bytes = self.0.to_vec();
        bytes.extend(Self::checksum(&self.0));
        format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn prefix(&self) -> String {
        let mut text = self.expose();
        text.truncate(Self::SHOWN);
        text
    }

    pub(super) fn digest(&self) -> ApiKeyDigest {
        Sha256::digest(self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_anywhere_is_noticed() {
        let text = ApiKeySecret([11; 24]).expose();
        assert_eq!(ApiKeySecret::parse(&text).unwrap().expose(), text);
        for at in 0..text.len() {
            let mut typo = text.clone().into_bytes();
            typo[at] = if typo[at] == b'A' { b'B' } else { b'A' };
            assert!(ApiKeySecret::parse(&String::from_utf8(typo).unwrap()).is_err(), "{at}");
        }
        assert!(ApiKeySecret::parse(&text[..text.len() - 1]).is_err());
        assert!(ApiKeySecret::parse("").is_err());
    }
}
