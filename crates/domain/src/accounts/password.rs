use std::fmt;

use crate::accounts::Email;
use crate::accounts::common_passwords::is_common;
use crate::{Fault, Folded};

/// A password that may be set: 8 to 128 Unicode characters, not one of the commonly used, and not
/// the account's own email.
/// It is taken as it is, neither trimmed nor normalised. It shows itself nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    const SHORTEST: usize = 8;
    const LONGEST: usize = 128;

    pub fn parse(text: &str, email: Option<&Email>) -> Result<Self, Fault> {
        if !(Self::SHORTEST..=Self::LONGEST).contains(&text.chars().count()) {
            return Err(Fault::new(format!(
                "must be {} to {} characters long",
                Self::SHORTEST,
                Self::LONGEST
            )));
        }
        if text.contains('\0') {
            return Err(Fault::new("must not contain the character U+0000"));
        }
        if email.is_some_and(|email| email.folded() == Folded::new(text.trim())) {
            return Err(Fault::new("must not be the email address"));
        }
        if is_common(text) {
            return Err(Fault::new("must not be one of the commonly used passwords"));
        }
        Ok(Self(text.to_owned()))
    }

    /// A password that has just matched its hash: it was good when it was set.
    pub fn matched(text: String) -> Self {
        Self(text)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
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
        Password::parse(text, Some(&email)).unwrap_err().0
    }

    #[test]
    fn length_counts_characters() {
        assert!(fault("сто7зна").contains("8 to 128"));
        assert!(fault(&"x".repeat(129)).contains("8 to 128"));
        assert!(Password::parse("восемь 8", None).is_ok());
        assert!(Password::parse(&"語".repeat(128), None).is_ok());
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        assert!(fault("Password1").contains("commonly used"));
        assert!(fault(" ANN@Example.com").contains("email"));
        assert!(fault("correct\0horse").contains("U+0000"));
    }

    #[test]
    fn it_is_taken_as_it_is_and_shows_itself_nowhere() {
        let password = Password::parse("  correct horse ", None).unwrap();
        assert_eq!(password.expose(), "  correct horse ");
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
