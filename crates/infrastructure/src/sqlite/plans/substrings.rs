//! FTS5 queries for substrings.

use bookshelf_domain::books::SearchWord;

/// The length of the shortest substring that a trigram index can find.
pub(super) const TRIGRAM: usize = 3;

/// The number of trigrams that a query looks for. The first ones leave so few candidates that more
/// of them hardly narrow the search, and FTS5 reads all entries of each.
const TRIGRAMS: usize = 16;

/// FTS5 does not distinguish these characters: it reads each of them as the first one.
const FTS5_AMBIGUOUS_CHARS: [char; 3] = ['\u{fffd}', '\u{fffe}', '\u{ffff}'];

/// A text as FTS5 reads it. If it has the first ambiguous character, the index may find other texts
/// too.
pub(super) fn as_indexed(text: &str) -> String {
    text.replace(FTS5_AMBIGUOUS_CHARS, "\u{fffd}")
}

/// A text of three or more characters that a book must have.
pub(super) enum Substring<'a> {
    InColumn(&'static str, &'a str),
    /// In any column. That of the ISBN has digits only, so a word with other characters is not found
    /// there.
    InAny(&'a SearchWord),
}

/// A query of FTS5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FtsQuery {
    pub(super) text: String,
    /// Whether every book that it finds has the substrings.
    pub(super) is_exact: bool,
}

impl FtsQuery {
    /// The query for the books that have all these substrings, unless there are none. It may find
    /// further books.
    pub(super) fn new(substrings: &[Substring<'_>]) -> Option<Self> {
        let most = (TRIGRAMS / substrings.len().max(1)).max(1);
        let mut is_exact = true;
        let mut phrase = |column: Option<&str>, text: &str| {
            let indexed = as_indexed(text);
            let start = start(&indexed, most);
            is_exact &= start == text && !start.contains('\u{fffd}');
            quoted(column, start)
        };
        let each = substrings.iter().map(|substring| match substring {
            Substring::InColumn(column, text) => phrase(Some(column), text),
            Substring::InAny(word) => match word.isbn() {
                Some(digits) if digits != word.text() => {
                    let texts = phrase(Some("{title_folded author_folded}"), word.text());
                    format!("({texts} OR {})", phrase(Some("isbn"), digits))
                }
                _ => phrase(None, word.text()),
            },
        });
        let text = each.collect::<Vec<_>>().join(" AND ");
        (!text.is_empty()).then_some(Self { text, is_exact })
    }
}

/// The start of a text, up to this number of trigrams, and without a trigram that occurs twice.
///
/// FTS5 compares the places of all trigrams of a phrase. A text has few places for all its trigrams
/// together, but a phrase that repeats one has them again for each repetition. Then the time grows
/// with the product of both lengths: a title of 200 times `a` has 198 places for each of the 198
/// trigrams of 200 times `a`.
fn start(text: &str, most: usize) -> &str {
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
    let end_of = |trigram: usize| places.get(trigram + TRIGRAM).copied().unwrap_or(text.len());
    let mut end = 0;
    let mut seen = Vec::with_capacity(most);
    for trigram in 0..most.min((places.len() + 1).saturating_sub(TRIGRAM)) {
        let characters = places.get(trigram).and_then(|from| text.get(*from..end_of(trigram)));
        if seen.contains(&characters) {
            break;
        }
        seen.push(characters);
        end = end_of(trigram);
    }
    text.get(..end).unwrap_or(text)
}

/// A string in the query language of FTS5. Within it only `"` is special.
fn quoted(column: Option<&str>, text: &str) -> String {
    let text = text.replace('"', "\"\"");
    match column {
        Some(column) => format!("{column} : \"{text}\""),
        None => format!("\"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use bookshelf_domain::books::SearchWords;

    use super::*;

    #[test]
    fn a_query_repeats_no_trigram() {
        for (text, expected) in [
            ("emma", "emma"),
            ("aaa", "aaa"),
            ("aaaa", "aaa"),
            ("banana", "banan"),
            ("the theory", "the th"),
            ("\u{1f600}éé\u{1f600}éé", "\u{1f600}éé\u{1f600}é"),
        ] {
            assert_eq!(start(text, TRIGRAMS), expected);
        }
        let ambiguous = "a\u{fffe}b".repeat(2);
        let query = FtsQuery::new(&[Substring::InColumn("title_folded", &ambiguous)]).unwrap();
        assert_eq!(query.text, "title_folded : \"a\u{fffd}ba\u{fffd}\"");
    }

    #[test]
    fn a_query_has_a_bounded_number_of_trigrams() {
        let many: Vec<String> = (0..12).map(|word| format!("{word:x}bcdefghijklmno")).collect();
        for count in 1..=12 {
            let words = SearchWords::new(&many[..count].join(" "));
            let all: Vec<_> = words.iter().map(Substring::InAny).collect();
            let query = FtsQuery::new(&all).unwrap();
            let phrases = query.text.split(" AND ");
            let trigrams: usize = phrases.map(|phrase| phrase.len() - 2 - (TRIGRAM - 1)).sum();
            assert!(trigrams <= TRIGRAMS, "{query:?}");
            assert_eq!(query.text.split(" AND ").count(), count);
        }
    }

    #[test]
    fn a_query_for_a_start_is_not_exact() {
        let is_exact = |text: &str| {
            FtsQuery::new(&[Substring::InColumn("title_folded", text)]).unwrap().is_exact
        };
        assert!(is_exact("pride and") && is_exact("aaa"));
        assert!(!is_exact("aaaa") && !is_exact("pride and prejudice") && !is_exact("a\u{fffd}b"));
        assert_eq!(FtsQuery::new(&[]), None);
    }
}
