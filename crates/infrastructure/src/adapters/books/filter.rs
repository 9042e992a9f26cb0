use bookshelf_domain::SortKey;
use bookshelf_domain::books::BookFilter;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::conditions::Condition;
use super::dialect::Database;
use crate::books::order::years;
use crate::schema::books;

pub(crate) type Books = books::BoxedQuery<'static, Database>;
pub(crate) type BookCondition = Condition<books::table>;

/// The conditions of a filter. `contains` makes the condition that a column has a part somewhere.
pub(crate) fn conditions(
    filter: &BookFilter,
    contains: fn(&str, &str) -> BookCondition,
) -> Vec<BookCondition> {
    let equal = |column: &str, text: &str| -> BookCondition {
        let column = sql::<Bool>(&format!("{column} = "));
        Box::new(column.bind::<Text, _>(text.to_owned()))
    };
    let mut all = Vec::new();
    all.extend(filter.title.as_ref().map(|part| contains("title_folded", part.as_str())));
    all.extend(filter.author.as_ref().map(|part| contains("author_folded", part.as_str())));
    all.extend(filter.search.as_ref().map(|part| -> BookCondition {
        let title = contains("title_folded", part.as_str());
        Box::new(title.or(contains("author_folded", part.as_str())))
    }));
    all.extend(filter.genre.as_ref().map(|genre| equal("genre_folded", genre.as_str())));
    all.extend(filter.isbn.as_ref().map(|isbn| equal("isbn", isbn.as_str())));
    if let Some((from, to)) = years(filter) {
        all.push(compare("year", ">=", &SortKey::Number(from)));
        all.push(compare("year", "<=", &SortKey::Number(to)));
    }
    all
}

pub(crate) fn compare(left: &str, operator: &str, key: &SortKey) -> BookCondition {
    let left = sql::<Bool>(&format!("{left} {operator} "));
    match key {
        SortKey::Text(text) => Box::new(left.bind::<Text, _>(text.as_str().to_owned())),
        SortKey::Number(number) => Box::new(left.bind::<BigInt, _>(*number)),
        // A comparison with NULL is never true.
        SortKey::Missing => Box::new(left.sql("NULL")),
    }
}
