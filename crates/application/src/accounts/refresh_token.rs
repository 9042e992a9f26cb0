use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::Random;
use bookshelf_domain::accounts::RefreshDigest;
use sha2::{Digest, Sha256};

use crate::mac::hmac_sha256;
use crate::{Error, TokenFault};

/// An opaque secret of 256 bits that keeps a session alive. It has no `Debug` form.
pub(super) struct RefreshToken([u8; 32]);

/// Whether a text looks like a refresh token, valid or not. An access token does not.
pub fn is_refresh_token(text: &str) -> bool {
    text.starts_with(RefreshToken::PREFIX)
}

impl RefreshToken {
    const PREFIX: &'static str = "bkr_";

    pub(super) fn random(random: &dyn Random) -> Self {
        let mut secret = [0; 32];
        random.fill(&mut secret);
        Self(secret)
    }

    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        text.strip_prefix(Self::PREFIX)
            .and_then(|secret| URL_SAFE_NO_PAD.decode(secret).ok())
            .and_then(|secret| secret.try_into().ok())
            .map(Self)
            .ok_or(Error::Token(TokenFault::Invalid))
    }

    /// The successor of this token. It can be derived again from this token and the salt.
    pub(super) fn successor(&self, salt: &[u8; 16]) -> Self {
        Self(hmac_sha256(&self.0, &[b"bookshelf refresh token successor", salt]))
    }

    pub(super) fn digest(&self) -> RefreshDigest {
        Sha256::digest(self.0).into()
    }

    pub(super) fn expose(&self) -> String {
        format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_salt_determines_the_successor() {
        let token = RefreshToken([7; 32]);
        let one = token.successor(&[1; 16]).expose();
        assert_eq!(one, token.successor(&[1; 16]).expose());
        assert_ne!(one, token.successor(&[2; 16]).expose());
        assert_ne!(one, token.expose());
    }

    #[test]
    fn other_text_is_refused() {
        let text = RefreshToken([9; 32]).expose();
        assert_eq!(RefreshToken::parse(&text).unwrap().expose(), text);
        for bad in ["", "bkr_", &text[4..], &format!("{text}A"), "eyJhbGciOiJIUzI1NiJ9.e30.x"] {
            assert!(RefreshToken::parse(bad).is_err(), "{bad}");
        }
    }
}
