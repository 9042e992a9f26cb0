use std::fmt;

use isbn::{Isbn10, Isbn13};

use crate::text::is_invisible;
use crate::{Fault, FaultCode};

/// An International Standard Book Number (ISO 2108), kept as its 13 digits.
///
/// ```
/// use bookshelf_domain::books::Isbn;
///
/// assert_eq!(Isbn::parse("0-13-235088-2")?.as_str(), "9780132350884");
/// assert!(Isbn::parse("0-13-235088-3").is_err());
/// # Ok::<(), bookshelf_domain::Fault>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isbn([u8; 13]);

impl Isbn {
    /// Reads an ISBN-10 or ISBN-13. It skips spaces, hyphens, dashes and invisible characters.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut digits = Vec::with_capacity(13);
        for c in text.chars().filter(|c| !is_separator(*c) && !is_invisible(*c)) {
            match c {
                '0'..='9' => digits.push(c as u8 - b'0'),
                'x' | 'X' if digits.len() == 9 => digits.push(10),
                'x' | 'X' => {
                    return Err(Fault::new(
                        FaultCode::InvalidCharacter,
                        "may have an X only as the last digit of an ISBN-10",
                    ));
                }
                _ => {
                    return Err(Fault::new(
                        FaultCode::InvalidCharacter,
                        "must have only digits, hyphens and spaces",
                    ));
                }
            }
        }
        if digits.len() >= 10 && digits.iter().all(|digit| *digit == digits[0]) {
            return Err(Fault::new(
                FaultCode::InvalidFormat,
                "is a placeholder, not an ISBN: all its digits are alike",
            ));
        }
        if let Ok(ten) = <[u8; 10]>::try_from(digits.as_slice()) {
            Self::from_ten(ten)
        } else if let Ok(thirteen) = <[u8; 13]>::try_from(digits.as_slice()) {
            Self::from_thirteen(thirteen)
        } else {
            Err(Fault::new(
                FaultCode::InvalidFormat,
                format!("must have 10 or 13 digits, not {}", digits.len()),
            ))
        }
    }

    fn from_ten(digits: [u8; 10]) -> Result<Self, Fault> {
        match Isbn10::new(digits) {
            Ok(isbn) => Self::parse(&Isbn13::from(isbn).to_string()),
            Err(_) => Err(wrong_check_digit(&digits, |d| Isbn10::new(d).is_ok())),
        }
    }

    fn from_thirteen(digits: [u8; 13]) -> Result<Self, Fault> {
        match digits {
            [9, 7, 9, 0, ..] => {
                return Err(Fault::new(
                    FaultCode::InvalidFormat,
                    "is the number of printed music (ISMN), not of a book",
                ));
            }
            [9, 7, 8 | 9, ..] => {}
            _ => {
                return Err(Fault::new(
                    FaultCode::InvalidFormat,
                    "must begin with 978 or 979 when it has 13 digits",
                ));
            }
        }
        match Isbn13::new(digits) {
            Ok(_) => Ok(Self(digits.map(|digit| b'0' + digit))),
            Err(_) => Err(wrong_check_digit(&digits, |d| Isbn13::new(d).is_ok())),
        }
    }

    /// An ISBN that comes from storage as its 13 digits, where it was checked when it was written.
    /// `None` when the text does not have 13 bytes.
    pub fn stored(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().map(Self)
    }

    /// Returns the 13 digits without hyphens.
    pub fn as_str(&self) -> &str {
        // The constructors write ASCII digits only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Isbn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Isbn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Isbn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || c == '-' || ('\u{2010}'..='\u{2015}').contains(&c) || c == '\u{2212}'
}

fn wrong_check_digit<const N: usize>(
    digits: &[u8; N],
    is_right: impl Fn([u8; N]) -> bool,
) -> Fault {
    let show = |digit: u8| {
        if digit == 10 { "X".to_owned() } else { digit.to_string() }
    };
    // 10 stands for the X of an ISBN-10. An ISBN-13 with it is never right.
    let expected = (0..=10).find(|candidate| {
        let mut digits = *digits;
        digits[N - 1] = *candidate;
        is_right(digits)
    });
    let sentence = match expected {
        Some(expected) => format!(
            "has the wrong check digit: the last digit should be {}, not {}",
            show(expected),
            show(digits[N - 1])
        ),
        None => format!("is not a valid ISBN-{N}"),
    };
    Fault::new(FaultCode::WrongCheckDigit, sentence)
}

#[cfg(test)]
mod tests {
    use super::Isbn;
    use proptest::prelude::*;

    fn fault(text: &str) -> String {
        Isbn::parse(text).expect_err(text).sentence.into_owned()
    }

    #[test]
    fn every_form_is_the_same_number() {
        for text in ["0-13-235088-2", "0132350882", "978 0132350884", "978‐0‐13–235088—4"] {
            assert_eq!(Isbn::parse(text).unwrap().as_str(), "9780132350884", "{text}");
        }
        assert_eq!(Isbn::parse("080442957x").unwrap().as_str(), "9780804429573");
    }

    #[test]
    fn the_fault_names_the_expected_digit() {
        assert!(fault("9780132350885").contains("should be 4, not 5"));
        assert!(fault("0804429570").contains("should be X, not 0"));
    }

    #[test]
    fn invisible_characters_are_skipped() {
        let text = "\u{feff}978\u{ad}013\u{200b}2350\u{2060}884\u{200e}";
        assert_eq!(Isbn::parse(text).unwrap().as_str(), "9780132350884");
    }

    #[test]
    fn a_placeholder_is_refused() {
        for text in ["0000000000", "1111111111", "0000000000000", "999-9-999-99999-9"] {
            assert!(fault(text).contains("placeholder"), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        assert!(fault("12").contains("10 or 13 digits, not 2"));
        assert!(fault("9790260000438").contains("ISMN"));
        assert!(fault("1234567890128").contains("978 or 979"));
        assert!(fault("X132350882").contains("an X only"));
        assert!(fault("9780132350a84").contains("only digits"));
        assert!(fault("").contains("not 0"));
    }

    proptest! {
        #[test]
        fn exactly_one_check_digit_is_right(body in "97[89][1-9][0-9]{8}") {
            let right: Vec<_> =
                (0..10).filter(|d| Isbn::parse(&format!("{body}{d}")).is_ok()).collect();
            prop_assert_eq!(right.len(), 1);
        }

        #[test]
        fn ten_digits_become_the_thirteen_of_the_same_book(body in "[0-9]{9}") {
            let ten = "0123456789X".chars().map(|d| format!("{body}{d}"))
                .find_map(|text| Isbn::parse(&text).ok());
            let thirteen = (0..10).find_map(|d| Isbn::parse(&format!("978{body}{d}")).ok());
            prop_assert!(ten.is_some());
            prop_assert_eq!(ten, thirteen);
        }

        #[test]
        fn any_text_can_be_read(text in "\\PC{0,30}") {
            let _: Result<Isbn, crate::Fault> = Isbn::parse(&text);
        }
    }
}
