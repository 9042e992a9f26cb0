//! Texts and names as other programs write them.

use std::borrow::Cow;

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

/// Reads text as UTF-8, or else as Windows-1252, which has all printable characters of ISO-8859-1.
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
    fn text_that_is_not_utf_8_is_windows_1252() {
        assert_eq!(decode("Köln".as_bytes()), "Köln");
        assert_eq!(decode(b"K\xf6ln \x93x\x94"), "Köln “x”");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[/,a-c0-9é -]{0,30}", bytes in any::<Vec<u8>>()) {
            first_name_first(&text);
            decode(&bytes);
        }
    }
}
