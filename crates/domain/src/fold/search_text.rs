use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{GeneralCategory, QuotationMark, Script, WhiteSpace};
use icu_properties::{CodePointMapData, CodePointSetData};

use super::Folded;

/// The form in which text is searched: that of [`Folded`], in which also
///
/// - letters have no accents, and neither strokes nor ligatures (`ø` is `o`, `ı` is `i`, `æ` is
///   `ae`);
/// - every apostrophe is `'`, every other quotation mark `"`, every hyphen and dash `-`, and every
///   run of white space one space.
///
/// Texts with the same [`Folded`] form have the same form here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchText(String);

impl SearchText {
    /// Computes the form of a text.
    pub fn new(text: &str) -> Self {
        let folded = Folded::new(text).into_string();
        let mut simplified = String::with_capacity(folded.len());
        if folded.is_ascii() {
            folded.chars().for_each(|character| push(&mut simplified, character));
            return Self(simplified);
        }
        for character in DecomposingNormalizerBorrowed::new_nfd().normalize(&folded).chars() {
            match without_stroke(character) {
                Some(letters) => simplified.push_str(letters),
                None if is_accent(character) => {}
                None => push(&mut simplified, character),
            }
        }
        Self(ComposingNormalizerBorrowed::new_nfc().normalize(&simplified).into_owned())
    }

    /// Returns the form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Adds a character in its simplest variant.
fn push(text: &mut String, character: char) {
    match simplest(character) {
        ' ' if text.ends_with(' ') => {}
        simplest => text.push(simplest),
    }
}

fn simplest(character: char) -> char {
    match character {
        'a'..='z' | '0'..='9' | ' ' => character,
        // Quotation marks that stand for apostrophes, and the letters and accents that look like
        // them.
        '`'
        | '´'
        | '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{ff07}'
        | '\u{ff40}'
        | '\u{2b9}'
        | '\u{2bb}'..='\u{2bf}'
        | '\u{2c8}'
        | '\u{2ca}'
        | '\u{2cb}'
        | '\u{55a}'
        | '\u{5f3}'
        | '\u{a78b}'
        | '\u{a78c}' => '\'',
        '\u{2033}' | '\u{2036}' | '\u{2ba}' | '\u{2dd}' | '\u{2ee}' | '\u{5f4}' | '\u{3003}' => '"',
        // The minus sign.
        '\u{2212}' => '-',
        _ if character.is_ascii() => {
            if character.is_ascii_whitespace() {
                ' '
            } else {
                character
            }
        }
        _ if CodePointSetData::new::<WhiteSpace>().contains(character) => ' ',
        _ if CodePointSetData::new::<QuotationMark>().contains(character) => '"',
        _ if category(character) == GeneralCategory::DashPunctuation => '-',
        _ => character,
    }
}

/// Letters that readers take for plain ones with a mark, but Unicode does not decompose.
fn without_stroke(character: char) -> Option<&'static str> {
    Some(match character {
        'ø' => "o",
        'ł' => "l",
        'đ' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ȷ' => "j",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

/// Whether a character is an accent: a mark above, below or through a letter of a script in which
/// the letter stays the same without it. The vowel signs of Indic scripts and the voicing marks of
/// Japanese make other letters.
fn is_accent(character: char) -> bool {
    character >= '\u{300}'
        && !matches!(character, '\u{3099}' | '\u{309a}')
        && category(character) == GeneralCategory::NonspacingMark
        && matches!(
            CodePointMapData::<Script>::new().get(character),
            Script::Inherited
                | Script::Latin
                | Script::Greek
                | Script::Cyrillic
                | Script::Hebrew
                | Script::Arabic
                | Script::Syriac
        )
        && !is_variation_selector(character)
}

/// A variation selector chooses the look of a character, such as an emoji. It is kept, as every
/// invisible character is.
fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(texts: &[&str]) {
        for text in texts {
            assert_eq!(SearchText::new(text), SearchText::new(texts[0]), "{text} and {}", texts[0]);
        }
    }

    #[test]
    fn case_and_accents_are_ignored() {
        same(&["Émile Zola", "EMILE ZOLA", "e\u{301}mile zola"]);
        same(&["İzmir", "izmir", "ızmır", "IZMIR", "İZMİR"]);
        same(&["Лев", "ЛЕВ"]);
        same(&["Ёлка", "ЕЛКА"]);
        same(&["ΣΊΣΥΦΟΣ", "σισυφος"]);
        same(&["Łódź", "LODZ"]);
        same(&["Ørsted", "orsted"]);
        same(&["Œuvres d’Æsop", "oeuvres d'aesop"]);
        same(&["Việt", "viet"]);
        same(&["שָׁלוֹם", "שלום"]);
        same(&["مُحَمَّد", "محمد"]);
    }

    #[test]
    fn letters_that_only_look_accented_are_kept() {
        for (a, b) in [("が", "か"), ("कु", "क"), ("กี", "กิ"), ("葛\u{e0100}", "葛")]
        {
            assert_ne!(SearchText::new(a), SearchText::new(b), "{a} and {b}");
        }
        same(&["が", "か\u{3099}"]);
    }

    #[test]
    fn punctuation_has_one_form_of_each_kind() {
        same(&["Ender's", "Ender’s", "ENDER‘S", "Enderʼs", "Ender`s", "Ender´s", "Ender＇s"]);
        same(&["\"no\"", "“no”", "„no“", "«no»", "「no」", "＂no＂"]);
        same(&["a-b", "a‐b", "a‑b", "a–b", "a—b", "a−b", "a－b"]);
        same(&["a b", "a\u{a0}b", "a\u{3000}b", "a \u{2009} b", "a  b", "a\tb"]);
        assert_ne!(SearchText::new("a'b"), SearchText::new("a\"b"));
    }

    #[test]
    fn other_characters_are_ordinary() {
        for text in ["100%", "a_b*", "\u{200b}", "\u{fffd}", "龍", "📚", "^{}[];\\"] {
            assert_eq!(SearchText::new(text).as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn simplifying_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = SearchText::new(&text);
            prop_assert_eq!(SearchText::new(once.as_str()), once);
        }

        #[test]
        fn the_same_name_has_the_same_form(text in "[a-zà-öø-þа-яα-ωĀ-ſ'’ ]{0,20}") {
            let folded = Folded::new(&text);
            prop_assert_eq!(SearchText::new(folded.as_str()), SearchText::new(&text));
        }
    }
}
