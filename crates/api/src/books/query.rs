use bookshelf_domain::books::{Book, BookFilter, BookQuery, BookSort, Isbn, WhenShelved};
use bookshelf_domain::{Folded, Line, Order};
use utoipa::IntoParams;

use crate::http::{ApiError, Page, Query, Sort};
use crate::paths;

/// The first is the default.
const SORTS: [Sort<BookSort>; 5] = [
    Sort::new("created_at", BookSort::CreatedAt, BookSort::CreatedAt.key_type(), Order::Descending),
    Sort::new("title", BookSort::Title, BookSort::Title.key_type(), Order::Ascending),
    Sort::new("author", BookSort::Author, BookSort::Author.key_type(), Order::Ascending),
    Sort::new("year", BookSort::Year, BookSort::Year.key_type(), Order::Ascending),
    Sort::new("rating", BookSort::Rating, BookSort::Rating.key_type(), Order::Ascending),
];

pub(super) fn read(text: &str) -> Result<(BookQuery, Page<BookSort, Book>), ApiError> {
    let mut query = Query::parse(text)?;
    let filter = BookFilter {
        title: folded(query.line::<200>("title")),
        author: folded(query.line::<200>("author")),
        search: folded(query.line::<200>("search")),
        genre: folded(query.line::<50>("genre")),
        year: query.integer("year").map(year),
        year_from: query.integer("year_from").map(year),
        year_to: query.integer("year_to").map(year),
        isbn: query.parsed("isbn", Isbn::parse),
    };
    let page = Page::read(query, paths::BOOKS, &SORTS)?;
    let query = BookQuery {
        filter,
        sort: page.sort,
        order: page.order,
        start: page.start.clone(),
        limit: page.limit,
        count: page.count,
    };
    Ok((query, page))
}

/// What is to happen to a book that stands on shelves and is to be deleted.
pub(super) fn when_shelved(text: &str) -> Result<WhenShelved, ApiError> {
    let mut query = Query::parse(text)?;
    let force = query.flag("force");
    query.finish()?;
    Ok(if force { WhenShelved::Remove } else { WhenShelved::Refuse })
}

fn folded<const MAX: usize>(line: Option<Line<MAX>>) -> Option<Folded> {
    line.map(|line| Folded::new(line.as_str()))
}

/// A year past all that a book can have is as good as the furthest.
fn year(year: i64) -> i32 {
    i32::try_from(year).unwrap_or(if year < 0 { i32::MIN } else { i32::MAX })
}

/// Which books, in which order. Text matches ignore case in every script, and no character is a
/// wildcard.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct BookListParams {
    /// A part of the title.
    #[param(max_length = 200)]
    title: Option<String>,
    /// A part of the author.
    #[param(max_length = 200)]
    author: Option<String>,
    /// A part of the title or of the author.
    #[param(max_length = 200, example = "martin")]
    search: Option<String>,
    /// The whole genre.
    #[param(max_length = 50)]
    genre: Option<String>,
    year: Option<i64>,
    /// This year or later.
    year_from: Option<i64>,
    /// This year or earlier.
    year_to: Option<i64>,
    /// In any form.
    isbn: Option<String>,
    /// `created_at` unless another is asked for. Books without the key come last in either order,
    /// equal keys are ordered by id.
    #[param(inline)]
    sort: Option<BookSortName>,
}

/// How a book is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct BookDeletionParams {
    /// Deletes the book from the shelves too, with what their readers wrote about it.
    #[param(default = false)]
    force: Option<bool>,
}

#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the sorts above")]
enum BookSortName {
    CreatedAt,
    Title,
    Author,
    Year,
    Rating,
}
