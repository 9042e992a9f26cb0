use std::fmt;

use crate::accounts::Email;
use crate::accounts::common_passwords::is_common;
use crate::text::{check_length, check_no_nul};
use crate::{Fault, FaultCode, Folded};

/// A valid new password: 8 to 128 Unicode characters, not a commonly used one, and not the
/// account's email.
///
/// It is neither trimmed nor normalised. Its `Debug` form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The smallest number of characters.
    pub const MIN: usize = 8;
    /// The largest number of characters.
    pub const MAX: usize = 128;

    /// `email` is the account's email, if it is known.
    pub fn parse(text: &str, email: Option<&Email>) -> Result<Self, Fault> {
        check_length(text, Self::MIN..=Self::MAX)?;
        check_no_nul(text)?;
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

    /// A password that matches a stored hash. The rules were checked when it was set.
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
    }

    #[test]
    fn a_password_is_not_trimmed_and_debug_does_not_show_it() {
        let password = Password::parse("  correct horse ", None).unwrap();
        assert_eq!(password.expose(), "  correct horse ");
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
