use std::fmt;

use crate::accounts::Email;
use crate::{Fault, Folded};

/// A password that may be set: 8 to 128 Unicode characters, and not the account's own email.
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
        Ok(Self(text.to_owned()))
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
