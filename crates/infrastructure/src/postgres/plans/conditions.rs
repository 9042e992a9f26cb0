use bookshelf_domain::books::BookFilter;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::postgres::adapters::books::filter::{self, BookCondition, Books};
use crate::postgres::adapters::conditions::contains;

/// How a substring is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// By an index.
    Indexed,
    /// In books that another index has found.
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

/// Whether the column has the pattern somewhere, in a form that an index answers.
fn contains_by_index(column: &str, pattern: &str) -> BookCondition {
    if has_trigram(pattern) {
        let like = sql::<Bool>(&format!("{column} LIKE "));
        return Box::new(like.bind::<Text, _>(like_pattern(pattern)));
    }
    let pairs = sql::<Bool>(&format!("bookshelf_pairs({column}) @> bookshelf_pairs("));
    let pairs = pairs.bind::<Text, _>(pattern.to_owned()).sql(")");
    match pattern.chars().count() {
        // A text has a pattern of one or two characters if it has that character or pair.
        0..=2 => Box::new(pairs),
        _ => Box::new(pairs.and(contains(column, pattern))),
    }
}

/// Whether every database finds the pattern by a trigram: three letters or digits of ASCII.
fn has_trigram(pattern: &str) -> bool {
    pattern.as_bytes().windows(3).any(|three| three.iter().all(u8::is_ascii_alphanumeric))
}

/// A pattern in which nothing is special.
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
    fn nothing_is_special_in_a_pattern() {
        assert_eq!(like_pattern(r"50%_\*"), r"%50\%\_\\*%");
    }

    #[test]
    fn trigrams_are_three_letters_or_digits_in_a_row() {
        for (pattern, expected) in
            [("war", true), ("a war", true), ("r2d2", true), ("a b c", false), ("лев", false)]
        {
            assert_eq!(has_trigram(pattern), expected, "{pattern}");
        }
    }
}
