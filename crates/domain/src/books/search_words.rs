use super::Isbn;
use crate::SearchText;

/// The words of a search. A book is found if its title, its author or its ISBN contains each of
/// them, in any order. Without words every book is found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchWords(Vec<SearchWord>);

/// A word of a search. A text has it if the word is a part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWord {
    text: SearchText,
    isbn: Option<String>,
}

impl SearchWords {
    /// The number of words that a search may have. Each word costs a look into the index, and short
    /// words occur in most books.
    pub const MAX: usize = 12;

    /// Splits a text at white space. A word that is a part of another one is left out, because
    /// every text that has the other one has it too.
    pub fn new(text: &str) -> Self {
        let simplest = SearchText::new(text);
        let all: Vec<_> = simplest.as_str().split_whitespace().map(SearchWord::new).collect();
        let is_needed = |place: usize, word: &SearchWord| {
            !all.iter().enumerate().any(|(other_place, other)| {
                let is_other = other_place < place || (other_place > place && other != word);
                is_other && other.implies(word)
            })
        };
        let needed = all.iter().enumerate().filter(|(place, word)| is_needed(*place, word));
        Self(needed.map(|(_, word)| word.clone()).collect())
    }

    /// Returns the words in the order of the text, each once.
    pub fn iter(&self) -> impl Iterator<Item = &SearchWord> {
        self.0.iter()
    }

    /// The number of words.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl SearchWord {
    fn new(word: &str) -> Self {
        Self { text: SearchText::new(word), isbn: isbn_digits(word) }
    }

    /// The part of a title or an author to look for.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// The part of the digits of an ISBN to look for, if the word can be in an ISBN.
    pub fn isbn(&self) -> Option<&str> {
        self.isbn.as_deref()
    }

    /// Whether the word is in one of the fields of a book. Title and author are given in the form
    /// of [`SearchText`].
    pub fn is_in(&self, title: &str, author: &str, isbn: Option<&str>) -> bool {
        title.contains(self.text())
            || author.contains(self.text())
            || isbn.zip(self.isbn()).is_some_and(|(isbn, digits)| isbn.contains(digits))
    }

    /// Whether every book that has this word has the other one too.
    fn implies(&self, other: &Self) -> bool {
        self.text().contains(other.text())
            && self.isbn().is_none_or(|digits| {
                other.isbn().is_some_and(|other_digits| digits.contains(other_digits))
            })
    }
}

/// The digits that a word stands for in an ISBN. A whole ISBN of ten digits has another form there.
/// Hyphens in a part of an ISBN are skipped if it has at least three digits.
fn isbn_digits(word: &str) -> Option<String> {
    if !word.chars().all(|character| matches!(character, '0'..='9' | '-' | 'x')) {
        return None;
    }
    if let Ok(isbn) = Isbn::parse(word) {
        return Some(isbn.to_string());
    }
    let digits = word.replace('-', "");
    let is_part = digits.bytes().all(|digit| digit.is_ascii_digit());
    (is_part && !digits.is_empty() && (digits == word || digits.len() >= 3)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        SearchWords::new(text).iter().map(|word| word.text().to_owned()).collect()
    }

    #[test]
    fn words_are_split_at_every_kind_of_space() {
        assert_eq!(words("  Zola\u{a0}ÉMILE\t\u{3000}x "), ["zola", "emile", "x"]);
        assert_eq!(SearchWords::new(" \u{301} ").count(), 0);
    }

    #[test]
    fn a_word_that_is_a_part_of_another_is_left_out() {
        assert_eq!(words("an anna nn Anna b"), ["anna", "b"]);
        assert_eq!(words("a a a"), ["a"]);
    }

    #[test]
    fn digits_can_be_a_part_of_an_isbn() {
        for (word, expected) in [
            ("0-13-235088-2", Some("9780132350884")),
            ("0132350882", Some("9780132350884")),
            ("080442957X", Some("9780804429573")),
            ("978-0-13", Some("978013")),
            ("1984", Some("1984")),
            ("1", Some("1")),
            ("1-2", None),
            ("-", None),
            ("x", None),
            ("12x", None),
            ("12a", None),
        ] {
            let words = SearchWords::new(word);
            assert_eq!(words.iter().next().unwrap().isbn(), expected, "{word}");
        }
    }

    #[test]
    fn a_word_is_looked_for_in_each_field() {
        let has = |text: &str, isbn| {
            SearchWords::new(text)
                .iter()
                .all(|word| word.is_in("gideon the ninth", "tamsyn muir", isbn))
        };
        assert!(has("muir gideon", None));
        assert!(has("NINTH 0132350882 muir", Some("9780132350884")));
        assert!(!has("muir 0132350882", None));
        assert!(!has("muir harrow", None));
    }
}
