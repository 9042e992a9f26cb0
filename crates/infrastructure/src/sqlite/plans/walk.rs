use bookshelf_domain::SearchText;
use bookshelf_domain::books::{BookFilter, BookQuery};
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::index_segments::index_segments;
use crate::books::order::years;
use crate::paging::offset;
use crate::schema::books;

/// Walks along the index of the sort and tests every book, until it has the page and one more.
/// Returns their ids, or `None` if it would have to test more than `budget` books.
pub(super) fn walk(
    conn: &mut SqliteConnection,
    query: &BookQuery,
    mut budget: u64,
) -> QueryResult<Option<Vec<i64>>> {
    let wanted = query.limit as usize + 1;
    let mut skip = offset(&query.start);
    let mut found = Vec::with_capacity(wanted);
    for segment in index_segments(query) {
        let rows = segment.select(TestedRow::as_select());
        for row in rows.load_iter::<TestedRow, DefaultLoadingMode>(conn)? {
            let row = row?;
            if budget == 0 {
                return Ok(None);
            }
            budget -= 1;
            if !row.passes(&query.filter) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            found.push(row.id);
            if found.len() == wanted {
                return Ok(Some(found));
            }
        }
    }
    Ok(Some(found))
}

/// The columns that a filter tests.
#[derive(Queryable, Selectable)]
#[diesel(table_name = books)]
struct TestedRow {
    id: i64,
    title_folded: String,
    author_folded: String,
    isbn: Option<String>,
    genre_folded: String,
    year: Option<i32>,
}

impl TestedRow {
    fn passes(&self, filter: &BookFilter) -> bool {
        let contains = |text: &str, pattern: &SearchText| text.contains(pattern.as_str());
        filter.title.as_ref().is_none_or(|title| contains(&self.title_folded, title))
            && filter.author.as_ref().is_none_or(|author| contains(&self.author_folded, author))
            && filter.search.iter().all(|word| {
                word.is_in(&self.title_folded, &self.author_folded, self.isbn.as_deref())
            })
            && filter.genre.as_ref().is_none_or(|genre| self.genre_folded == genre.as_str())
            && filter.isbn.is_none_or(|isbn| self.isbn.as_deref() == Some(isbn.as_str()))
            && years(filter).is_none_or(|(from, to)| {
                self.year.is_some_and(|year| (from..=to).contains(&year.into()))
            })
    }
}
