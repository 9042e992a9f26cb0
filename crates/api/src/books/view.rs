use bookshelf_domain::books::{Book, RatingSummary};
use serde::Serialize;
use utoipa::ToSchema;

use crate::covers;
use crate::http::{EntityTag, TagForm};
use crate::paths;
use crate::time::Moment;

/// A book.
#[derive(Serialize, ToSchema)]
#[schema(as = Book, example = json!({
    "id": 42, "title": "Clean Code", "author": "Robert C. Martin", "isbn": "9780132350884",
    "genre": "Software", "year": 2008, "description": null,
    "rating": {"average": 4.5, "count": 2}, "cover": "/api/v1/books/42/cover",
    "created_at": "2026-11-21T06:11:08.123456Z", "updated_at": "2026-11-21T06:11:08.123456Z",
    "links": {
        "self": "/api/v1/books/42", "collection": "/api/v1/books",
        "cover": "/api/v1/books/42/cover",
        "thumbnail": "/api/v1/books/42/cover?size=thumb&v=7d865e959b2466918c9863afca942d0f"
    }
}))]
pub(crate) struct BookView<'a> {
    #[schema(minimum = 1)]
    id: i64,
    title: &'a str,
    author: &'a str,
    /// 13 digits.
    #[schema(required = true)]
    isbn: Option<&'a str>,
    genre: &'a str,
    #[schema(required = true)]
    year: Option<i32>,
    #[schema(required = true)]
    description: Option<&'a str>,
    rating: RatingView,
    /// The address of the cover.
    #[schema(required = true)]
    cover: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Moment,
    links: BookLinks,
}

/// The ratings of a book on all shelves.
#[derive(Serialize, ToSchema)]
#[schema(as = Rating)]
pub(crate) struct RatingView {
    /// With two decimals; `null` without ratings.
    #[schema(required = true, minimum = 1, maximum = 5)]
    average: Option<f64>,
    #[schema(minimum = 0)]
    count: i64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BookLinks {
    #[serde(rename = "self")]
    self_: String,
    collection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cover: Option<String>,
    /// The thumbnail of this cover. Its address changes with the cover, so it may be cached for a
    /// year.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    thumbnail: Option<String>,
}

impl<'a> From<&'a Book> for BookView<'a> {
    fn from(book: &'a Book) -> Self {
        let fields = &book.fields;
        let cover = book.cover.map(|_| paths::cover(book.id));
        Self {
            id: book.id.get(),
            title: fields.title.as_str(),
            author: fields.author.as_str(),
            isbn: fields.isbn.as_ref().map(|isbn| isbn.as_str()),
            genre: fields.genre(),
            year: fields.year.map(|year| year.get()),
            description: fields.description.as_ref().map(|text| text.as_str()),
            rating: book.rating.into(),
            cover: cover.clone(),
            created_at: Moment(book.created_at),
            updated_at: Moment(book.updated_at),
            links: BookLinks {
                self_: paths::book(book.id),
                collection: paths::BOOKS,
                cover,
                thumbnail: book.cover.map(|cover| covers::thumbnail(book.id, &cover)),
            },
        }
    }
}

impl From<RatingSummary> for RatingView {
    fn from(rating: RatingSummary) -> Self {
        Self { average: average(rating), count: rating.count }
    }
}

/// The average rating, in stars.
pub(crate) fn average(rating: RatingSummary) -> Option<f64> {
    rating.hundredths().map(|hundredths| hundredths as f64 / 100.0)
}

/// The tags of books. The version of the view grows with every change of the JSON of a [`BookView`],
/// which a test notices.
pub(crate) const TAGS: TagForm<3> = TagForm { view: 1 };

/// The tag of a book. It contains the ratings, because a book is shown with them.
pub(crate) fn tag(book: &Book) -> EntityTag {
    TAGS.tag(tag_parts(book))
}

/// The numbers of this tag, for the tag of a resource that shows the book as a part of itself.
pub(crate) const fn tag_parts(book: &Book) -> [i64; 3] {
    [book.version.get(), book.rating.sum, book.rating.count]
}
