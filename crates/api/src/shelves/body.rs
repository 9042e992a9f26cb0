use bookshelf_domain::shelves::ShelfDraft;
use utoipa::ToSchema;

use crate::books::BookInput;
use crate::http::{Fields, FromFields};

impl FromFields for ShelfDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        let (book_id, book) = (fields.integer("book_id"), fields.object("book").into_value());
        Self { book_id, book, ..remarks(fields) }
    }
}

/// The change of an entry, which stays about the book that it is about.
pub(crate) struct ShelfChange(pub(super) ShelfDraft);

impl FromFields for ShelfChange {
    fn from_fields(fields: &mut Fields) -> Self {
        for name in ["book_id", "book"] {
            fields.refuse(
                name,
                "cannot be changed: delete the entry and put the other book on the shelf",
            );
        }
        Self(remarks(fields))
    }
}

/// What a reader writes about a book.
fn remarks(fields: &mut Fields) -> ShelfDraft {
    ShelfDraft {
        status: fields.text("status"),
        rating: fields.integer("rating"),
        notes: fields.text("notes"),
        started_on: fields.text("started_on"),
        finished_on: fields.text("finished_on"),
        faults: fields.finish(),
        ..ShelfDraft::default()
    }
}

/// A book for the shelf: either `book_id`, or `book`, which is found in the catalogue by its ISBN
/// and left as it is there, or added to it. What is left out, or `null`, takes its default.
#[derive(ToSchema)]
#[schema(as = ShelfEntryInput, example = json!({
    "book_id": 42, "status": "reading", "rating": 4, "started_on": "2026-11-01"
}))]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(crate) struct ShelfEntryInput {
    #[schema(minimum = 1, example = 42)]
    book_id: Option<i64>,
    book: Option<BookInput>,
    #[schema(inline, default = "want_to_read")]
    status: Option<StatusName>,
    #[schema(minimum = 1, maximum = 5, example = 4)]
    rating: Option<i64>,
    /// May have line breaks.
    #[schema(min_length = 1, max_length = 10_000)]
    notes: Option<String>,
    #[schema(format = Date, example = "2026-11-01")]
    started_on: Option<String>,
    /// Not before `started_on`.
    #[schema(format = Date)]
    finished_on: Option<String>,
}

/// A whole entry, but for its book, which stays. What is left out, or `null`, takes its default.
#[derive(ToSchema)]
#[schema(as = ShelfEntryReplacement, example = json!({
    "status": "read", "rating": 5, "started_on": "2026-11-01", "finished_on": "2026-11-20"
}))]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(crate) struct ShelfEntryReplacement {
    #[schema(inline, default = "want_to_read")]
    status: Option<StatusName>,
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<i64>,
    #[schema(min_length = 1, max_length = 10_000)]
    notes: Option<String>,
    #[schema(format = Date)]
    started_on: Option<String>,
    /// Not before `started_on`.
    #[schema(format = Date)]
    finished_on: Option<String>,
}

/// A JSON Merge Patch (RFC 7396): only what is sent changes, `null` clears all but the status.
#[derive(ToSchema)]
#[schema(as = ShelfEntryPatch, example = json!({"rating": 5, "notes": null}))]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(crate) struct ShelfEntryPatch {
    #[schema(inline, nullable = false)]
    status: Option<StatusName>,
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<i64>,
    #[schema(min_length = 1, max_length = 10_000)]
    notes: Option<String>,
    #[schema(format = Date)]
    started_on: Option<String>,
    /// Not before `started_on`.
    #[schema(format = Date)]
    finished_on: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the statuses")]
pub(super) enum StatusName {
    WantToRead,
    Reading,
    Read,
    Abandoned,
}
