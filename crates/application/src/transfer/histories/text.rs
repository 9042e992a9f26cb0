//! Texts, names and dates as other programs write them.

use std::borrow::Cow;

use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;

/// Turns `Le Guin, Ursula K.` into `Ursula K. Le Guin`. A third part, as in
/// `King, Martin Luther, Jr.`, stays at the end.
pub(super) fn first_name_first(name: &str) -> String {
    let mut parts = name.splitn(3, ',').map(str::trim);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(last), Some(first), None) if !first.is_empty() => format!("{first} {last}"),
        (Some(last), Some(first), Some(end)) => format!("{first} {last}, {end}"),
        _ => name.trim().to_owned(),
    }
}

/// The dates in a text in their order, as in `2025/06/01-2025/06/10`, `[2006-08-09]` or
/// `2021-01-19T22:41`.
pub(super) fn dates(text: &str) -> Vec<NaiveDate> {
    let mut dates = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[place..];
        match date(rest) {
            Some((date, length)) => {
                dates.push(date);
                rest = &rest[length..];
            }
            None => rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        }
    }
    dates
}

/// The date at the start of the text, and its length.
fn date(text: &str) -> Option<(NaiveDate, usize)> {
    let (year, rest) = number(text, 4)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '/' | '-'))?;
    let (month, rest) = number(&rest[1..], 2)?;
    let (day, rest) = number(rest.strip_prefix(separator)?, 2)?;
    let date = NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?;
    Some((date, text.len() - rest.len()))
}

/// The number at the start of the text, and the rest of it. A year has four digits, a month or a day
/// one or two.
fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let fits = length == digits || (digits == 2 && length == 1);
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
    fn the_first_name_comes_first() {
        for (name, expected) in [
            ("Le Guin, Ursula K.", "Ursula K. Le Guin"),
            ("King, Martin Luther, Jr.", "Martin Luther King, Jr."),
            ("Homer", "Homer"),
            ("Plato,", "Plato,"),
            ("", ""),
        ] {
            assert_eq!(first_name_first(name), expected);
        }
    }

    #[test]
    fn dates_are_found_in_several_forms() {
        let found = |text| dates(text).iter().map(ToString::to_string).collect::<Vec<_>>();
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
    fn text_that_is_not_utf_8_is_windows_1252() {
        assert_eq!(decode("Köln".as_bytes()), "Köln");
        assert_eq!(decode(b"K\xf6ln \x93x\x94"), "Köln “x”");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[/,a-c0-9é -]{0,30}", bytes in any::<Vec<u8>>()) {
            dates(&text);
            first_name_first(&text);
            decode(&bytes);
        }
    }
}
