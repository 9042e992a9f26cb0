use bookshelf_domain::books::BookFilter;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::postgres::adapters::books::filter::{self, BookCondition, Books};
use crate::postgres::adapters::conditions::contains;

/// How a substring is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// By an index.
    Indexed,
    /// By testing the books that another index has found.
    Tested,
}

pub(super) fn all_of(books: Books, conditions: Vec<BookCondition>) -> Books {
    conditions.into_iter().fold(books, |books, condition| books.filter(condition))
}

/// The conditions of a filter.
pub(super) fn conditions(filter: &BookFilter, search: Search) -> Vec<BookCondition> {
    match search {
        Search::Indexed => filter::conditions(filter, contains_by_index),
        Search::Tested => filter::conditions(filter, contains),
    }
}

/// The condition that the column contains the pattern, in a form that an index can answer.
fn contains_by_index(column: &str, pattern: &str) -> BookCondition {
    if has_trigram(pattern) {
        let like = sql::<Bool>(&format!("{column} LIKE "));
        return Box::new(like.bind::<Text, _>(like_pattern(pattern)));
    }
    let pairs = sql::<Bool>(&format!("bookshelf_pairs({column}) @> bookshelf_pairs("));
    let pairs = pairs.bind::<Text, _>(pattern.to_owned()).sql(")");
    match pattern.chars().count() {
        // A pattern of one or two characters is a character or a pair itself, so the index is
        // exact.
        0..=2 => Box::new(pairs),
        _ => Box::new(pairs.and(contains(column, pattern))),
    }
}

/// Whether a trigram index finds the pattern in every locale. It needs three consecutive ASCII
/// letters or digits.
fn has_trigram(pattern: &str) -> bool {
    pattern.as_bytes().windows(3).any(|three| three.iter().all(u8::is_ascii_alphanumeric))
}

/// The LIKE pattern for a text, in which no character of the text is a wildcard.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_escaped() {
        assert_eq!(like_pattern(r"50%_\*"), r"%50\%\_\\*%");
    }

    #[test]
    fn a_trigram_is_three_consecutive_letters_or_digits() {
        for (pattern, expected) in
            [("war", true), ("a war", true), ("r2d2", true), ("a b c", false), ("лев", false)]
        {
            assert_eq!(has_trigram(pattern), expected, "{pattern}");
        }
    }
}
