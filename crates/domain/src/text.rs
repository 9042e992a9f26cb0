use std::ops::RangeInclusive;

use crate::{Fault, FaultCode};

/// One line of trimmed text, of 1 to `MAX` Unicode characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// The largest number of characters.
    pub const MAX: usize = MAX;

    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err(Fault::new(
                FaultCode::InvalidCharacter,
                "must be one line without control characters",
            ));
        }
        within(text, MAX).map(Self)
    }

    /// A text that comes from storage, where it was checked when it was written.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// Trimmed text of 1 to `MAX` Unicode characters that may have line breaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// The largest number of characters.
    pub const MAX: usize = MAX;

    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        check_no_nul(text)?;
        within(text, MAX).map(Self)
    }

    /// A text that comes from storage, where it was checked when it was written.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

fn within(text: &str, max: usize) -> Result<String, Fault> {
    if text.is_empty() {
        return Err(Fault::new(FaultCode::TooShort, "must not be empty"));
    }
    let length = text.chars().count();
    if length > max {
        return Err(Fault::new(
            FaultCode::TooLong,
            format!("must be at most {max} characters long, not {length}"),
        ));
    }
    Ok(text.to_owned())
}

/// Checks that a text has an allowed number of characters.
pub(crate) fn check_length(text: &str, allowed: RangeInclusive<usize>) -> Result<(), Fault> {
    let length = text.chars().count();
    if allowed.contains(&length) {
        return Ok(());
    }
    let code = if length < *allowed.start() { FaultCode::TooShort } else { FaultCode::TooLong };
    let sentence = format!("must be {} to {} characters long", allowed.start(), allowed.end());
    Err(Fault::new(code, sentence))
}

/// Checks that a text has no NUL character, which PostgreSQL cannot store.
pub(crate) fn check_no_nul(text: &str) -> Result<(), Fault> {
    if text.contains('\0') {
        return Err(Fault::new(
            FaultCode::InvalidCharacter,
            "must not contain the character U+0000",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_are_refused_but_prose_may_break_lines() {
        assert!(Line::<10>::parse("a\nb").is_err());
        assert!(Line::<10>::parse("a\u{85}b").is_err());
        assert!(Prose::<10>::parse("a\nb").is_ok());
        assert!(Prose::<10>::parse("a\0b").is_err());
    }

    proptest! {
        #[test]
        fn length_counts_characters_after_trimming(text in "[а-яé]{1,12}") {
            let padded = format!("  {text}\t");
            prop_assert_eq!(Line::<12>::parse(&padded).map(Line::into_string), Ok(text.clone()));
            let count = text.chars().count();
            prop_assert_eq!(Line::<5>::parse(&text).is_ok(), count <= 5);
        }
    }
}
