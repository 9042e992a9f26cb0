use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// The form that decides whether two names are the same, such as emails: full Unicode case folding
/// under canonical equivalence (Unicode Standard, section 3.13, D145), composed.
///
/// It ignores case in every script and keeps accents. The order is that of the code points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folded(String);

impl Folded {
    /// Folds a text.
    pub fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self(text.to_ascii_lowercase());
        }
        let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
        let folded = CaseMapper::new().fold_string(&decomposed);
        Self(ComposingNormalizerBorrowed::new_nfc().normalize(&folded).into_owned())
    }

    /// A folded text that was stored or sent in that form.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the folded text.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Folded;
    use proptest::prelude::*;

    fn same(a: &str, b: &str) {
        assert_eq!(Folded::new(a), Folded::new(b), "{a} and {b}");
    }

    #[test]
    fn case_is_ignored_in_every_script() {
        same("ÉMILE", "émile");
        same("ЛЕВ", "лев");
        same("ΣΊΣΥΦΟΣ", "σίσυφος");
        same("STRASSE", "straße");
        same("ԵՐԵՎԱՆ", "երեվան");
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        same("Zoe\u{308}", "ZO\u{cb}");
    }

    #[test]
    fn accents_are_kept() {
        assert_ne!(Folded::new("resume"), Folded::new("résumé"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = Folded::new(&text);
            prop_assert_eq!(Folded::new(once.as_str()), once);
        }

        #[test]
        fn upper_case_folds_like_the_original(text in "[a-zà-öø-þа-яα-ω]{0,20}") {
            prop_assert_eq!(Folded::new(&text.to_uppercase()), Folded::new(&text));
        }
    }
}
