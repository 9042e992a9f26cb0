//! Text that has been trouble to somebody.

use proptest::prelude::*;
use proptest::sample::select;

const WORDS: [&str; 50] = [
    "a",
    "I",
    "ab",
    "The",
    "of the",
    "Émile",
    "E\u{301}mile",
    "Zoe\u{308}",
    "Ångström",
    "straße",
    "STRASSE",
    "ſtrange",
    "İstanbul",
    "ısı",
    "ﬁn",
    "ŉ",
    "ǆ",
    "ΣΊΣΥΦΟΣ",
    "ὈΔΥΣΣΕΎΣ",
    "ᾳ",
    "Лев",
    "Война",
    "ЁЖ",
    "Е\u{308}ж",
    "Հայ",
    "ქართული",
    "Ა",
    "Ꮳꮳ",
    "紅樓夢",
    "三体",
    "한국",
    "\u{1112}\u{1161}\u{11ab}",
    "日本語",
    "ألف ليلة",
    "עִבְרִית",
    "हिन्दी",
    "ไทย",
    "📚",
    "👩‍👩‍👧",
    "🇦🇲",
    "𐐀𐐨",
    "ａｂ",
    "\u{fffd}",
    "\u{fffe}\u{ffff}",
    "%",
    "_",
    "*",
    "\"",
    "'",
    "\\",
];

const GLUE: [&str; 8] = ["", "", " ", " ", "-", "\u{a0}", "\u{301}", "'s "];

/// One to four words run together, as they are or in one case.
pub(super) fn text() -> impl Strategy<Value = String> {
    let piece = (select(&WORDS[..]), select(&GLUE[..]));
    (prop::collection::vec(piece, 1..=4), 0..4).prop_map(|(pieces, case)| {
        let text: String = pieces.into_iter().map(|(word, glue)| format!("{word}{glue}")).collect();
        match case {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            _ => text,
        }
    })
}

/// A part of such a text: any run of its characters, of which there is at least one.
pub(super) fn part() -> impl Strategy<Value = String> {
    (text(), any::<prop::sample::Index>(), 1..=5usize).prop_map(|(text, from, length)| {
        let characters: Vec<char> = text.chars().collect();
        let from = from.index(characters.len());
        characters[from..].iter().take(length).collect()
    })
}
