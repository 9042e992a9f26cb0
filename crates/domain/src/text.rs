use std::ops::RangeInclusive;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

use crate::{Fault, FaultCode};

/// One line of trimmed text, of 1 to `MAX` Unicode characters. Runs of white space become one space.
///
/// ```
/// use bookshelf_domain::Line;
///
/// assert_eq!(Line::<20>::parse(" War  and Peace ")?.as_str(), "War and Peace");
/// assert!(Line::<20>::parse("\u{200b}").is_err());
/// # Ok::<(), bookshelf_domain::Fault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// The largest number of characters.
    pub const MAX: usize = MAX;

    /// Reads a line of text. A fault says why it is none.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err(Fault::new(
                FaultCode::InvalidCharacter,
                "must be one line without control characters",
            ));
        }
        let words: Vec<_> = text.split_whitespace().collect();
        within(&words.join(" "), MAX).map(Self)
    }

    /// A text that comes from storage, where it was checked when it was written.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text.
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

    /// Reads a text of several lines. A fault says why it is none.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        check_no_nul(text)?;
        within(text, MAX).map(Self)
    }

    /// A text that comes from storage, where it was checked when it was written.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text.
    pub fn into_string(self) -> String {
        self.0
    }
}

fn within(text: &str, max: usize) -> Result<String, Fault> {
    // Prose may have control characters, which show nothing either.
    if text.chars().all(|c| c.is_control() || shows_nothing(c.encode_utf8(&mut [0; 4]))) {
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

/// Whether a text counts as empty: it has only white space and invisible characters. Control
/// characters other than white space do not count as empty, because most texts must not have them.
pub fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Whether a character shows nothing and takes no part in the text: joiners, marks of direction,
/// variation selectors, soft hyphens, fillers, byte order marks.
pub(crate) fn is_invisible(c: char) -> bool {
    match c {
        // Unicode treats these as visible, but their glyphs are blank: the Braille pattern without
        // dots and the musical symbol null notehead.
        '\u{2800}' | '\u{1d159}' => true,
        // Interlinear annotation, which programs for plain text do not display.
        '\u{fff9}'..='\u{fffb}' => true,
        _ if c.is_ascii() => false,
        _ => CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c),
    }
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

    #[test]
    fn runs_of_white_space_become_one_space_in_a_line_only() {
        let line = |text| Line::<10>::parse(text).unwrap().into_string();
        assert_eq!(line("\t a \u{a0}\u{3000} b\u{2003}c "), "a b c");
        assert_eq!(Prose::<10>::parse(" a  b\n\nc ").unwrap().as_str(), "a  b\n\nc");
        assert_eq!(Line::<3>::parse("a    b").unwrap().as_str(), "a b", "before it is counted");
    }

    #[test]
    fn text_that_shows_nothing_is_empty() {
        for text in [
            "",
            "  ",
            "\u{200b}",
            "\u{200e}\u{200f}",
            "\u{202a}\u{202c}",
            "\u{2066}\u{2069}",
            "\u{fe0f}",
            "\u{e0100}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{115f}\u{1160}",
            "\u{ad}",
            "\u{feff}",
            "\u{2060}",
            "\u{180e}",
            "\u{34f}",
            "\u{e0001}",
            "\u{2800}",
            "\u{fff9}",
            " \u{200b}\u{3000}\u{200b} ",
        ] {
            assert!(shows_nothing(text), "{text:?}");
            assert_eq!(Line::<10>::parse(text).unwrap_err().code, FaultCode::TooShort, "{text:?}");
            assert_eq!(Prose::<10>::parse(text).unwrap_err().code, FaultCode::TooShort, "{text:?}");
        }
        assert_eq!(Prose::<10>::parse("\u{1}").unwrap_err().code, FaultCode::TooShort);
    }

    #[test]
    fn invisible_characters_in_a_visible_text_are_kept() {
        for text in ["\u{301}", "👩\u{200d}🚀", "نا\u{200c}مه", "\u{200b}a", "❤\u{fe0f}"]
        {
            assert_eq!(Line::<10>::parse(text).unwrap().as_str(), text);
            assert_eq!(Prose::<10>::parse(text).unwrap().as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing(text in "[ \u{a0}\u{3000}ab\u{200b}]{0,12}") {
            let Ok(once) = Line::<12>::parse(&text) else { return Ok(()) };
            prop_assert_eq!(Line::<12>::parse(once.as_str()), Ok(once));
        }

        #[test]
        fn length_counts_characters_after_trimming(text in "[а-яé]{1,12}") {
            let padded = format!("  {text}\t");
            prop_assert_eq!(Line::<12>::parse(&padded).map(Line::into_string), Ok(text.clone()));
            let count = text.chars().count();
            prop_assert_eq!(Line::<5>::parse(&text).is_ok(), count <= 5);
        }
    }
}
