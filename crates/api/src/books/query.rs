use bookshelf_domain::Order;
use bookshelf_domain::books::{
    Author, Book, BookFilter, BookQuery, BookSort, Genre, Isbn, Title, WhenShelved,
};
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

use crate::http::{ApiError, Choice, Chosen, Page, Query, Search, Sort, Words, read_by};
use crate::paths;

/// The filter and the sort of a list of books. Text matches ignore case in every script and accents.
/// Every apostrophe is the same, and so is every quotation mark, every hyphen or dash, and every kind
/// of space. No character is a wildcard.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BookListParams {
    /// A part of the title.
    #[param(value_type = Option<String>, max_length = 200)]
    title: Option<Search<{ Title::MAX }>>,
    /// A part of the author.
    #[param(value_type = Option<String>, max_length = 200)]
    author: Option<Search<{ Author::MAX }>>,
    /// Words in any order. Each must be a part of the title, the author or the ISBN.
    #[param(value_type = Option<String>, max_length = 200, example = "martin clean")]
    search: Option<Words<{ Title::MAX }>>,
    /// The whole genre.
    #[param(value_type = Option<String>, max_length = 50)]
    genre: Option<Search<{ Genre::MAX }>>,
    year: Option<i64>,
    /// This year or later.
    year_from: Option<i64>,
    /// This year or earlier.
    year_to: Option<i64>,
    /// In any notation.
    #[serde(default, deserialize_with = "isbn")]
    #[param(value_type = Option<String>)]
    isbn: Option<Isbn>,
    /// The default is `created_at`. Titles and authors are in the order of the Unicode Collation
    /// Algorithm (CLDR root): accents and case decide only between equal letters. Books without the
    /// sorted value come last in either order. Books with equal values are ordered by id.
    #[param(inline)]
    sort: Option<BookSortName>,
}

pub(crate) fn read(text: &str) -> Result<(BookQuery, Page<BookSort, Book>), ApiError> {
    let mut query = Query::parse(text)?;
    let params: BookListParams = query.read()?;
    let page = Page::read(query, paths::BOOKS, params.sort, BookSort::key_type)?;
    let query = BookQuery {
        filter: params.into(),
        sort: page.sort,
        order: page.order,
        start: page.start.clone(),
        limit: page.limit,
        count: page.count,
    };
    Ok((query, page))
}

impl From<BookListParams> for BookFilter {
    fn from(params: BookListParams) -> Self {
        Self {
            title: Search::text(params.title),
            author: Search::text(params.author),
            search: params.search.unwrap_or_default().0,
            genre: Search::text(params.genre),
            year: params.year.map(year),
            year_from: params.year_from.map(year),
            year_to: params.year_to.map(year),
            isbn: params.isbn,
        }
    }
}

fn isbn<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Isbn>, D::Error> {
    read_by(deserializer, |text: String| Isbn::parse(&text))
}

/// A year that does not fit becomes the nearest one that does. No book can have either.
fn year(year: i64) -> i32 {
    i32::try_from(year).unwrap_or(if year < 0 { i32::MIN } else { i32::MAX })
}

type BookSortName = Chosen<Sort<BookSort>>;

impl Choice for Sort<BookSort> {
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("created_at", Sort { by: BookSort::CreatedAt, order: Order::Descending }),
        ("title", Sort { by: BookSort::Title, order: Order::Ascending }),
        ("author", Sort { by: BookSort::Author, order: Order::Ascending }),
        ("year", Sort { by: BookSort::Year, order: Order::Ascending }),
        ("rating", Sort { by: BookSort::Rating, order: Order::Ascending }),
    ];
}

/// How a book is deleted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BookDeletionParams {
    /// Deletes the shelf entries of the book too, with their ratings and notes.
    #[param(default = false)]
    force: Option<bool>,
}

/// What the deletion of a book does if the book is on shelves.
pub(super) fn when_shelved(text: &str) -> Result<WhenShelved, ApiError> {
    let BookDeletionParams { force } = Query::read_all(text)?;
    Ok(if force == Some(true) { WhenShelved::Remove } else { WhenShelved::Refuse })
}
