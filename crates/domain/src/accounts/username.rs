use crate::{Fault, Folded};

/// A short name that a user goes by: 3 to 32 ASCII letters, digits, `.`, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if !(3..=32).contains(&text.chars().count()) {
            return Err(Fault::new("must be 3 to 32 characters long"));
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            return Err(Fault::new("must have only ASCII letters, digits, '.', '_' and '-'"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The form in which two usernames are compared.
    pub fn folded(&self) -> Folded {
        Folded::new(&self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
