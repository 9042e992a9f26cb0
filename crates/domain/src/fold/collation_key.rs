use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{CollatorBorrowed, CollatorPreferences};

use super::VERSION;

/// The collator of CLDR's root locale with its default strength, the tertiary one.
#[expect(clippy::expect_used, reason = "the data of the root locale is a part of the program")]
static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    CollatorBorrowed::try_new(CollatorPreferences::default(), CollatorOptions::default())
        .expect("the root locale has a collation")
});

/// The form in which text is sorted: the sort key of the Unicode Collation Algorithm (CLDR root).
/// Letters decide first, then accents, then case. Keys are compared byte by byte.
///
/// The first byte is [`VERSION`]. Keys of different versions are in no meaningful order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollationKey(Vec<u8>);

impl CollationKey {
    /// The length at which a key is cut off. Databases limit the length of what they index:
    /// PostgreSQL to about 2,700 bytes. The order of cut keys is still right; only texts that agree
    /// in so long a key count as equal.
    pub const MAX: usize = 1024;

    /// Computes the key of a text.
    pub fn new(text: &str) -> Self {
        let mut key = Vec::with_capacity(text.len() + 16);
        key.push(VERSION);
        let Ok(()) = COLLATOR.write_sort_key_to(text, &mut key);
        key.truncate(Self::MAX);
        Self(key)
    }

    /// A key that was stored or sent. `None` if it is of another version.
    pub fn stored(bytes: Vec<u8>) -> Option<Self> {
        (bytes.first() == Some(&VERSION) && bytes.len() <= Self::MAX).then_some(Self(bytes))
    }

    /// Returns the bytes. They are compared from the left.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_decide_before_accents_and_accents_before_case() {
        let texts = [
            "_x", "!", "100", "99", "Apple", "cote", "coté", "côte", "Éclair", "eclairs", "ræv",
            "strasse", "Strasse", "straße", "Über", "Zebra", "zèle", "ωmega", "лес", "ألف", "紅",
        ];
        let keys: Vec<_> = texts.iter().map(|text| CollationKey::new(text)).collect();
        for (pair, texts) in keys.windows(2).zip(texts.windows(2)) {
            assert!(pair[0] < pair[1], "{texts:?}");
        }
    }

    #[test]
    fn composed_and_decomposed_letters_have_one_key() {
        assert_eq!(CollationKey::new("E\u{301}mile"), CollationKey::new("Émile"));
    }

    #[test]
    fn the_longest_text_has_a_key_that_every_database_indexes() {
        let longest = CollationKey::new(&"\u{fdfa}".repeat(200));
        assert_eq!(longest.as_bytes().len(), CollationKey::MAX);
        let han = CollationKey::new(&"𪘀".repeat(200));
        assert!(han.as_bytes().len() < CollationKey::MAX);
    }

    #[test]
    fn a_key_of_another_version_is_refused() {
        let key = CollationKey::new("a");
        assert_eq!(CollationKey::stored(key.as_bytes().to_vec()), Some(key.clone()));
        let mut other = key.into_bytes();
        other[0] += 1;
        assert_eq!(CollationKey::stored(other), None);
        assert_eq!(CollationKey::stored(Vec::new()), None);
    }
}
