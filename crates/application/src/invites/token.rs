use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::Random;
use bookshelf_domain::invites::InviteDigest;
use sha2::{Digest, Sha256};

/// The token of an invitation: `bki_` and 192 random bits in base64url (RFC 4648). It has no `Debug`
/// form.
pub(crate) struct InviteToken([u8; 24]);

impl InviteToken {
    const PREFIX: &'static str = "bki_";

    pub(crate) fn random(random: &dyn Random) -> Self {
        let mut secret = [0; 24];
        random.fill(&mut secret);
        Self(secret)
    }

    /// Reads a token that a person may have pasted with white space around it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let secret = text.trim().strip_prefix(Self::PREFIX)?;
        URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok().map(Self)
    }

    pub(crate) fn expose(&self) -> String {
        format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(self.0))
    }

    pub(crate) fn digest(&self) -> InviteDigest {
        Sha256::digest(self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_other_text_is_not() {
        let text = InviteToken([9; 24]).expose();
        let read = InviteToken::parse(&format!(" {text}\n")).unwrap();
        assert_eq!(read.digest(), InviteToken([9; 24]).digest());
        for bad in ["", "bki_", &text[4..], &format!("{text}AAAA"), &text.replace("bki", "bks")] {
            assert!(InviteToken::parse(bad).is_none(), "{bad}");
        }
    }
}
