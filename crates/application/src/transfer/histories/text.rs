//! The dress that texts and dates wear in exports.

use std::borrow::Cow;

use chrono::NaiveDate;

/// Plain text of HTML: `<br>` and the ends of paragraphs are line breaks, other tags are left out,
/// entities are what they stand for.
pub(super) fn from_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(place) = rest.find(['<', '&']) {
        text.push_str(&rest[..place]);
        rest = &rest[place..];
        let (plain, length) = tag(rest).or_else(|| entity(rest)).unwrap_or((rest[..1].into(), 1));
        text.push_str(&plain);
        rest = &rest[length..];
    }
    text.push_str(rest);
    text
}

/// What a tag at the beginning of the text becomes, and how long it is.
fn tag(text: &str) -> Option<(Cow<'static, str>, usize)> {
    let inside = text.strip_prefix('<')?;
    let name = inside.strip_prefix('/').unwrap_or(inside);
    // Only letters open a tag: `a < b` and `<3` are text.
    let length = name.find(|c: char| !c.is_ascii_alphanumeric()).filter(|length| *length > 0)?;
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let closes = inside.starts_with('/');
    let end = text.find('>')?;
    let breaks = match name[..length].to_ascii_lowercase().as_str() {
        "br" => "\n",
        "p" | "div" | "blockquote" if closes => "\n\n",
        "li" if closes => "\n",
        _ => "",
    };
    Some((breaks.into(), end + 1))
}

/// No entity that is known has a longer name.
const LONGEST_ENTITY: usize = 10;

const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("eacute", "é"),
    ("egrave", "è"),
    ("agrave", "à"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("szlig", "ß"),
    ("ccedil", "ç"),
    ("ntilde", "ñ"),
];

fn entity(text: &str) -> Option<(Cow<'static, str>, usize)> {
    let inside = text.strip_prefix('&')?;
    let end = inside.find(';').filter(|end| *end <= LONGEST_ENTITY)?;
    let name = &inside[..end];
    let length = end + 2;
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return Some((char::from_u32(code.ok()?)?.to_string().into(), length));
    }
    let (_, plain) = ENTITIES.iter().find(|(known, _)| *known == name)?;
    Some(((*plain).into(), length))
}

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

/// Text that is UTF-8, or else Windows-1252, which browsers take ISO-8859-1 for (WHATWG Encoding
/// Standard): it has quotation marks where the other has nothing.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes
            .iter()
            .map(|byte| match byte {
                0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
                byte => char::from(*byte),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn html_becomes_plain_text() {
        for (html, plain) in [
            ("one<br/>two<br>three<BR />four", "one\ntwo\nthree\nfour"),
            ("<p>a <b>b</b></p><p>c</p>", "a b\n\nc\n\n"),
            ("Tom &amp; Jerry &lt;3 &#39;ok&#x27; &quot;x&quot;", "Tom & Jerry <3 'ok' \"x\""),
            ("<a href=\"x>y\">l</a>", "y\">l"),
            (
                "1 < 2 & 3 > 2 <3 R&D; &unknown; &#xfffffff;",
                "1 < 2 & 3 > 2 <3 R&D; &unknown; &#xfffffff;",
            ),
            ("open <i", "open <i"),
            ("&amp;lt;", "&lt;"),
            ("é<br/>…", "é\n…"),
        ] {
            assert_eq!(from_html(html), plain, "{html}");
        }
    }

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
        fn nothing_is_too_strange(text in "[<>/&;#a-c0-9é -]{0,30}", bytes in any::<Vec<u8>>()) {
            from_html(&text);
            days(&text);
            turned(&text);
            decode(&bytes);
        }

        #[test]
        fn text_without_marks_is_left_alone(text in "[^<&]{0,30}") {
            prop_assert_eq!(from_html(&text), text);
        }
    }
}
