use bookshelf_domain::books::BookFilter;
use bookshelf_domain::{Folded, SortKey};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::books::order::years;
use crate::schema::books;

pub(super) type Books = books::BoxedQuery<'static, Pg>;
pub(super) type Condition = Box<dyn BoxableExpression<books::table, Pg, SqlType = Bool>>;

/// How a substring is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// By an index.
    Indexed,
    /// In books that something else has led to.
    Tested,
}

pub(super) fn all_of(books: Books, conditions: Vec<Condition>) -> Books {
    conditions.into_iter().fold(books, |books, condition| books.filter(condition))
}

/// What a filter asks for, each part for itself.
pub(super) fn conditions(filter: &BookFilter, search: Search) -> Vec<Condition> {
    let contains = |column, part: &Folded| contains(column, part.as_str(), search);
    let equal = |column: &str, text: &str| compare(column, "=", &SortKey::Text(text.to_owned()));
    let mut all = Vec::new();
    all.extend(filter.title.as_ref().map(|title| contains("title_folded", title)));
    all.extend(filter.author.as_ref().map(|author| contains("author_folded", author)));
    all.extend(filter.search.as_ref().map(|part| -> Condition {
        Box::new(contains("title_folded", part).or(contains("author_folded", part)))
    }));
    all.extend(filter.genre.as_ref().map(|genre| equal("genre_folded", genre.as_str())));
    all.extend(filter.isbn.as_ref().map(|isbn| equal("isbn", isbn.as_str())));
    if let Some((from, to)) = years(filter) {
        all.push(compare("year", ">=", &SortKey::Number(from)));
        all.push(compare("year", "<=", &SortKey::Number(to)));
    }
    all
}

pub(super) fn compare(left: &str, operator: &str, key: &SortKey) -> Condition {
    let left = sql::<Bool>(&format!("{left} {operator} "));
    match key {
        SortKey::Text(text) => Box::new(left.bind::<Text, _>(text.clone())),
        SortKey::Number(number) => Box::new(left.bind::<BigInt, _>(*number)),
        // Nothing is more than what is missing, nor equal to it.
        SortKey::Missing => Box::new(left.sql("NULL")),
    }
}

/// Whether the column has the pattern somewhere, exactly.
fn contains(column: &str, pattern: &str, search: Search) -> Condition {
    let tested = || {
        let place = sql::<Bool>(&format!("strpos({column}, "));
        place.bind::<Text, _>(pattern.to_owned()).sql(") > 0")
    };
    match search {
        Search::Tested => Box::new(tested()),
        Search::Indexed if has_trigram(pattern) => {
            let like = sql::<Bool>(&format!("{column} LIKE "));
            Box::new(like.bind::<Text, _>(like_pattern(pattern)))
        }
        Search::Indexed => {
            let pairs = sql::<Bool>(&format!("bookshelf_pairs({column}) @> bookshelf_pairs("));
            let pairs = pairs.bind::<Text, _>(pattern.to_owned()).sql(")");
            // One or two characters are there when their pair is.
            match pattern.chars().count() {
                0..=2 => Box::new(pairs),
                _ => Box::new(pairs.and(tested())),
            }
        }
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
