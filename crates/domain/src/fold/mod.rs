//! The forms in which texts are compared, searched and sorted. This is their only home: databases
//! store the results and compare them without rules of their own.

mod collation_key;
mod folded;
mod search_text;

pub use collation_key::CollationKey;
pub use folded::Folded;
pub use search_text::SearchText;

/// The version of [`SearchText`] and [`CollationKey`]: of their rules and of the Unicode data.
///
/// Stored forms of another version are computed again (`bookshelf migrate`). It has to increase
/// whenever a form of some text changes; a test notices that.
pub const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{CollationKey, SearchText};

    /// The digest of the forms of every assigned character under [`super::VERSION`].
    const DIGEST: &str = "1c7f7dc3de52a329e0e58b287e87421ddf5e07989c20d168d7db8e4e2e980aba";

    #[test]
    fn a_change_of_the_forms_needs_a_new_version() {
        let mut digest = Sha256::new();
        for character in ('\0'..='\u{3ffff}').chain('\u{e0000}'..='\u{e01ff}') {
            let text = format!("a{character}b");
            digest.update(SearchText::new(&text).as_str());
            digest.update(&CollationKey::new(&text).as_bytes()[1..]);
        }
        let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            digest, DIGEST,
            "increase VERSION and write this digest beside it: databases store the earlier forms"
        );
    }
}
