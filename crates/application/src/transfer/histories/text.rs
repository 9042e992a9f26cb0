//! The dress that texts and dates wear in exports.

use std::borrow::Cow;

use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;

/// `Le Guin, Ursula K.` turned round; `King, Martin Luther, Jr.` keeps its end.
pub(super) fn turned(name: &str) -> String {
    let mut parts = name.splitn(3, ',').map(str::trim);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(last), Some(first), None) if !first.is_empty() => format!("{first} {last}"),
        (Some(last), Some(first), Some(end)) => format!("{first} {last}, {end}"),
        _ => name.trim().to_owned(),
    }
}

/// The days in a text, in their order: `2025/06/01-2025/06/10`, `[2006-08-09]`, `2021-01-19T22:41`.
pub(super) fn days(text: &str) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[place..];
        match day(rest) {
            Some((day, length)) => {
                days.push(day);
                rest = &rest[length..];
            }
            None => rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        }
    }
    days
}

/// The day at the beginning of the text, and how long it is.
fn day(text: &str) -> Option<(NaiveDate, usize)> {
    let (year, rest) = number(text, 4)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '/' | '-'))?;
    let (month, rest) = number(&rest[1..], 2)?;
    let (day, rest) = number(rest.strip_prefix(separator)?, 2)?;
    let date = NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?;
    Some((date, text.len() - rest.len()))
}

/// A number of up to so many digits; a year has all of them.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let fits = length == most || (most == 2 && length == 1);
    Some((text[..length].parse().ok().filter(|_| fits)?, &text[length..]))
}

/// Text that is UTF-8, or else Windows-1252, of which ISO-8859-1 is a part.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_turned_round() {
        for (name, turned_round) in [
            ("Le Guin, Ursula K.", "Ursula K. Le Guin"),
            ("King, Martin Luther, Jr.", "Martin Luther King, Jr."),
            ("Homer", "Homer"),
            ("Plato,", "Plato,"),
            ("", ""),
        ] {
            assert_eq!(turned(name), turned_round);
        }
    }

    #[test]
    fn days_are_found_in_any_dress() {
        let found = |text| days(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found("2025/06/01-2025/06/10"), ["2025-06-01", "2025-06-10"]);
        assert_eq!(found("2025-06-01-2025-06-10"), ["2025-06-01", "2025-06-10"]);
        assert_eq!(found("[2006-08-09]"), ["2006-08-09"]);
        assert_eq!(found("2021-01-19T22:41:16+01:00"), ["2021-01-19"]);
        assert_eq!(found("2020/1/9"), ["2020-01-09"]);
        for text in ["", "2020", "2020/05", "2020/13/01", "01/02/2020", "20200102", "2020/02-03"] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn old_encodings_are_read_where_the_text_is_no_utf_8() {
        assert_eq!(decode("Köln".as_bytes()), "Köln");
        assert_eq!(decode(b"K\xf6ln \x93x\x94"), "Köln “x”");
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(text in "[/,a-c0-9é -]{0,30}", bytes in any::<Vec<u8>>()) {
            days(&text);
            turned(&text);
            decode(&bytes);
        }
    }
}
