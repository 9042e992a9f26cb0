use crate::{Fault, Folded};

/// An email address as the HTML standard defines a valid one, of at most 254 characters (RFC 5321).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    const LONGEST: usize = 254;

    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.chars().count() > Self::LONGEST {
            return Err(Fault::new(format!("must be at most {} characters long", Self::LONGEST)));
        }
        garde::rules::email::parse_email(text)
            .map_err(|_| Fault::new("must be an email address, such as ann@example.com"))?;
        Ok(Self(text.to_owned()))
    }

    /// The form in which two addresses are compared.
    pub fn folded(&self) -> Folded {
        Folded::new(&self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
