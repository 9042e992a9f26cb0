use bookshelf_domain::SortKey;
use bookshelf_domain::books::{BookFilter, SearchWord};
use diesel::prelude::*;

use super::conditions::Condition;
use super::dialect::Database;
use crate::books::order::years;
use crate::schema::books;
use crate::sql::sql;

pub(crate) type Books = books::BoxedQuery<'static, Database>;
pub(crate) type BookCondition = Condition<books::table>;

/// The conditions of a filter. `contains` makes the condition that a column has a part somewhere.
pub(crate) fn conditions(
    filter: &BookFilter,
    contains: &dyn Fn(&str, &str) -> BookCondition,
) -> Vec<BookCondition> {
    let equal = |column: &str, text: &str| -> BookCondition {
        Box::new(sql(format!("{column} = ")).text(text))
    };
    let mut all = Vec::new();
    all.extend(filter.title.as_ref().map(|part| contains("title_folded", part.as_str())));
    all.extend(filter.author.as_ref().map(|part| contains("author_folded", part.as_str())));
    all.extend(filter.search.iter().map(|word| has_word(word, contains)));
    all.extend(filter.genre.as_ref().map(|genre| equal("genre_folded", genre.as_str())));
    all.extend(filter.isbn.as_ref().map(|isbn| equal("isbn", isbn.as_str())));
    if let Some((from, to)) = years(filter) {
        all.push(compare("year", ">=", &SortKey::Number(from)));
        all.push(compare("year", "<=", &SortKey::Number(to)));
    }
    all
}

fn has_word(word: &SearchWord, contains: &dyn Fn(&str, &str) -> BookCondition) -> BookCondition {
    let title = contains("title_folded", word.text());
    let title_or_author = title.or(contains("author_folded", word.text()));
    match word.isbn() {
        Some(digits) => Box::new(title_or_author.or(contains("isbn", digits))),
        None => Box::new(title_or_author),
    }
}

pub(crate) fn compare(left: &str, operator: &str, key: &SortKey) -> BookCondition {
    let left = sql(format!("{left} {operator} "));
    Box::new(match key {
        SortKey::Text(text) => left.text(text.as_str()),
        SortKey::Collated(key) => left.bytes(key.as_bytes()),
        SortKey::Number(number) => left.number(*number),
        // A comparison with NULL is never true.
        SortKey::Missing => left.sql("NULL"),
    })
}
