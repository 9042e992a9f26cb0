use crate::{Fault, FaultCode, Folded};

/// An email address as the HTML standard defines a valid one, of at most 254 characters (RFC 5321).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Email(String);

impl Email {
    /// The largest number of characters.
    pub const MAX: usize = 254;

    /// Reads an address. A fault says why it is none.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.chars().count() > Self::MAX {
            return Err(Fault::new(
                FaultCode::TooLong,
                format!("must be at most {} characters long", Self::MAX),
            ));
        }
        garde::rules::email::parse_email(text).map_err(|_| {
            Fault::new(
                FaultCode::InvalidFormat,
                "must be an email address, such as ann@example.com",
            )
        })?;
        Ok(Self(text.to_owned()))
    }

    /// An address that comes from storage, where it was checked when it was written.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The form in which two addresses are compared.
    pub fn folded(&self) -> Folded {
        Folded::new(&self.0)
    }

    /// Returns the address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
