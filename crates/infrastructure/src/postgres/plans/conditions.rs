use bookshelf_domain::books::{BookFilter, SearchWord};
use diesel::prelude::*;

use crate::postgres::adapters::books::filter::{self, BookCondition, Books};
use crate::postgres::adapters::conditions::contains;
use crate::sql::sql;

/// The number of characters that a lexeme of the index has.
const TRIGRAM: usize = 3;

pub(super) fn all_of(books: Books, conditions: Vec<BookCondition>) -> Books {
    conditions.into_iter().fold(books, |books, condition| books.filter(condition))
}

/// The conditions of a filter, which test a book.
pub(super) fn tests(filter: &BookFilter) -> Vec<BookCondition> {
    filter::conditions(filter, &contains)
}

/// The condition that finds the books by the index of trigrams, if the filter has a text. It finds
/// others too, because the index does not know where in a text a trigram is.
pub(super) fn by_index(filter: &BookFilter) -> Option<BookCondition> {
    let columns = [&filter.title, &filter.author].into_iter().flatten();
    let mut parts: Vec<_> = columns.filter_map(|text| quoted_trigrams(text.as_str())).collect();
    parts.extend(filter.search.iter().filter_map(word_query));
    if parts.is_empty() {
        return None;
    }
    let trigrams = sql("bookshelf_trigrams(title_folded, author_folded, isbn) @@ ");
    Some(Box::new(trigrams.text(parts.join(" & ")).sql("::tsquery")))
}

/// The query for a word in any column.
fn word_query(word: &SearchWord) -> Option<String> {
    let texts = quoted_trigrams(word.text())?;
    match word.isbn().filter(|digits| *digits != word.text()).and_then(quoted_trigrams) {
        Some(isbn) => Some(format!("(({texts}) | ({isbn}))")),
        None => Some(texts),
    }
}

/// The trigrams of a text, joined in the query language of PostgreSQL, or nothing for an empty text.
/// Trigrams that overlap say little more than those that do not, so as few as possible are taken. A
/// shorter text is the beginning of a trigram.
fn quoted_trigrams(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    if characters.is_empty() {
        return None;
    }
    if characters.len() < TRIGRAM {
        return Some(format!("{}:*", quoted(&characters)));
    }
    let last = characters.len() - TRIGRAM;
    let trigrams = (0..last).step_by(TRIGRAM).chain([last]);
    let quoted: Vec<_> =
        trigrams.filter_map(|at| characters.get(at..at + TRIGRAM)).map(quoted).collect();
    Some(quoted.join(" & "))
}

fn quoted(trigram: &[char]) -> String {
    let mut quoted = String::from("'");
    for character in trigram {
        if matches!(character, '\'' | '\\') {
            quoted.push(*character);
        }
        quoted.push(*character);
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted_trigrams;

    #[test]
    fn a_text_is_found_by_the_trigrams_that_cover_it() {
        for (text, expected) in [
            ("", None),
            ("a", Some("'a':*")),
            ("bo", Some("'bo':*")),
            ("war", Some("'war'")),
            ("wars", Some("'war' & 'ars'")),
            ("dragon", Some("'dra' & 'gon'")),
            ("dragonfly", Some("'dra' & 'gon' & 'fly'")),
            ("三國演義", Some("'三國演' & '國演義'")),
            (r"o'\x", Some(r"'o''\\' & '''\\x'")),
        ] {
            assert_eq!(quoted_trigrams(text).as_deref(), expected, "{text}");
        }
    }
}
