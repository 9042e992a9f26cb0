use crate::text::check_length;
use crate::{Fault, FaultCode, Folded};

/// A short, unique name of a user: 3 to 32 ASCII letters, digits, `.`, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Username(String);

impl Username {
    /// The smallest number of characters.
    pub const MIN: usize = 3;
    /// The largest number of characters.
    pub const MAX: usize = 32;

    /// Reads a username. A fault says why it is none.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        check_length(text, Self::MIN..=Self::MAX)?;
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            return Err(Fault::new(
                FaultCode::InvalidCharacter,
                "must have only ASCII letters, digits, '.', '_' and '-'",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// A username that comes from storage, where it was checked when it was written.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The form in which two usernames are compared.
    pub fn folded(&self) -> Folded {
        Folded::new(&self.0)
    }

    /// Returns the name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
