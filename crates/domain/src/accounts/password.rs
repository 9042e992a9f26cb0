use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::accounts::Email;
use crate::accounts::common_passwords::is_common;
use crate::text::check_length;
use crate::{Fault, FaultCode, Folded};

/// A valid new password: 8 to 128 Unicode characters, not a commonly used one, and not the
/// account's email.
///
/// It is prepared as the profile OpaqueString of RFC 8265 says: it is in Unicode's form NFC, and
/// every space is an ASCII space, so keyboards that compose letters in different ways give the same
/// password. It is neither trimmed nor folded. Control characters are refused. Unlike the profile,
/// it allows invisible and unassigned characters, because emoji consist of them.
///
/// Its `Debug` form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The smallest number of characters.
    pub const MIN: usize = 8;
    /// The largest number of characters.
    pub const MAX: usize = 128;

    /// `email` is the account's email, if it is known.
    pub fn parse(text: &str, email: Option<&Email>) -> Result<Self, Fault> {
        let text = &*prepared(text);
        check_length(text, Self::MIN..=Self::MAX)?;
        if let Some(control) = text.chars().find(|character| character.is_control()) {
            let sentence = format!("must not contain the character U+{:04X}", u32::from(control));
            return Err(Fault::new(FaultCode::InvalidCharacter, sentence));
        }
        if email.is_some_and(|email| email.folded() == Folded::new(text.trim())) {
            return Err(Fault::new(FaultCode::WeakPassword, "must not be the email address"));
        }
        if is_common(text) {
            return Err(Fault::new(
                FaultCode::WeakPassword,
                "must not be one of the commonly used passwords",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The prepared form of a password that matched a stored hash. The rules were checked when it was
    /// set.
    pub fn prepared(text: &str) -> Self {
        Self(prepared(text))
    }

    /// The forms in which a text that a client sent may match a stored hash: prepared, and as it was
    /// sent, if that differs. Early versions hashed passwords as they were sent.
    pub fn forms(text: &str) -> impl Iterator<Item = Self> {
        let prepared = prepared(text);
        let sent = (prepared != text).then(|| Self(text.to_owned()));
        std::iter::once(Self(prepared)).chain(sent)
    }

    /// Returns the prepared password. Nothing may store or log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The text with its spaces mapped to ASCII and in the form NFC (RFC 8265, section 4.2.2).
fn prepared(text: &str) -> String {
    let is_other_space = |character: char| {
        character.is_whitespace()
            && !character.is_control()
            && !matches!(character, '\u{2028}' | '\u{2029}')
    };
    let spaced = text.replace(is_other_space, " ");
    ComposingNormalizerBorrowed::new_nfc().normalize(&spaced).into_owned()
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let email = Email::parse("ann@example.com").unwrap();
        Password::parse(text, Some(&email)).unwrap_err().sentence.into_owned()
    }

    #[test]
    fn length_counts_characters() {
        assert!(fault("сто7зна").contains("8 to 128"));
        assert!(fault(&"x".repeat(129)).contains("8 to 128"));
        assert!(Password::parse("восемь 8", None).is_ok());
        assert!(Password::parse(&"語".repeat(128), None).is_ok());
    }

    #[test]
    fn passwords_that_are_easy_to_guess_are_refused() {
        assert!(fault("Password1").contains("commonly used"));
        assert!(fault(" ANN@Example.com").contains("email"));
        assert!(fault("correct\0horse").contains("U+0000"));
        assert!(fault("correct\thorse").contains("U+0009"));
    }

    #[test]
    fn a_password_is_prepared() {
        let prepared = |text| Password::parse(text, None).unwrap().expose().to_owned();
        assert_eq!(prepared("grünes Pferd"), prepared("gru\u{308}nes\u{a0}Pferd"));
        assert_eq!(prepared("correct\u{3000}horse"), "correct horse");
        assert_eq!(
            prepared("한글 비밀번호 열"),
            prepared("\u{1112}\u{1161}\u{11ab}글 비밀번호 열")
        );
        for kept in
            ["Σίσυφος und Ｗ", "ﬁne horse", "❤\u{fe0f} horse battery", "🫠👩\u{200d}🚀 battery"]
        {
            assert_eq!(prepared(kept), kept);
        }
        // 128 composed characters, sent as 256.
        assert_eq!(prepared(&"u\u{308}".repeat(128)), "ü".repeat(128));
        assert!(Password::parse(&"u\u{308}".repeat(7), None).is_err());
    }

    #[test]
    fn a_text_is_compared_prepared_and_as_it_was_sent() {
        let forms =
            |text| Password::forms(text).map(|form| form.expose().to_owned()).collect::<Vec<_>>();
        assert_eq!(forms("gru\u{308}n"), ["grün", "gru\u{308}n"]);
        assert_eq!(forms("grün"), ["grün"]);
        assert_eq!(forms(""), [""]);
    }

    #[test]
    fn a_password_is_not_trimmed_and_debug_does_not_show_it() {
        let password = Password::parse("  correct horse ", None).unwrap();
        assert_eq!(password.expose(), "  correct horse ");
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
