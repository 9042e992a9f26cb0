use bookshelf_domain::books::BookDraft;
use serde::Deserialize;
use serde_json::json;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::{Member, Read, Variant};

/// A book to create. A field that is absent or `null` gets its default.
#[derive(Deserialize, ToSchema)]
#[schema(as = BookInput, example = json!({
    "title": "Clean Code", "author": "Robert C. Martin", "isbn": "978-0-13-235088-4",
    "genre": "Software", "year": 2008
}))]
pub(crate) struct BookBody {
    /// One line, trimmed.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Clean Code")]
    title: Member<String>,
    /// One line, trimmed.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Robert C. Martin")]
    author: Member<String>,
    /// ISBN-10 or ISBN-13 with the right check digit. It may contain hyphens and spaces.
    #[schema(value_type = Option<String>, example = "978-0-13-235088-4")]
    isbn: Member<String>,
    /// One line, trimmed.
    #[schema(
        value_type = Option<String>, max_length = 50,
        default = "Unknown", example = "Software"
    )]
    genre: Member<String>,
    /// Numbered as in ISO 8601 (0 is 1 BC). At most five years from now.
    #[schema(value_type = Option<i64>, minimum = -3000, example = 2008)]
    year: Member<i64>,
    /// May contain line breaks.
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Member<String>,
}

impl From<Read<BookBody>> for BookDraft {
    fn from(Read { members, faults }: Read<BookBody>) -> Self {
        Self {
            title: members.title.0,
            author: members.author.0,
            isbn: members.isbn.0,
            genre: members.genre.0,
            year: members.year.0,
            description: members.description.0,
            faults,
        }
    }
}

/// The members of a book that no request changes.
pub(super) const READ_ONLY: &[&str] =
    &["id", "rating", "cover", "created_at", "updated_at", "links"];

/// The schema of a [`BookBody`] that replaces a book.
pub(crate) enum BookReplacement {}

impl ToSchema for BookReplacement {}

impl PartialSchema for BookReplacement {
    fn schema() -> RefOr<Schema> {
        let replacement = Variant {
            description: "A whole book. An optional field that is absent or `null` gets its \
                default. Read-only members are ignored, so a book can be sent back as it was shown.",
            example: json!({
                "title": "Clean Code", "author": "Robert C. Martin", "isbn": "978-0-13-235088-4",
                "genre": "Software", "year": 2008
            }),
            read_only: READ_ONLY,
        };
        replacement.replacement::<BookBody>()
    }
}

/// The schema of a [`BookBody`] that changes a book.
pub(crate) enum BookPatch {}

impl ToSchema for BookPatch {}

impl PartialSchema for BookPatch {
    fn schema() -> RefOr<Schema> {
        let patch = Variant {
            description: "A JSON Merge Patch (RFC 7396): fields that are absent do not change, and \
                `null` clears an optional field. Read-only members are ignored.",
            example: json!({"year": 2009, "genre": null}),
            read_only: READ_ONLY,
        };
        patch.merge_patch::<BookBody>()
    }
}
