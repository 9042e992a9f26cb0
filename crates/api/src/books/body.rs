use bookshelf_domain::books::BookDraft;
use utoipa::ToSchema;

use crate::http::{Fields, FromFields};

impl FromFields for BookDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            title: fields.text("title"),
            author: fields.text("author"),
            isbn: fields.text("isbn"),
            genre: fields.text("genre"),
            year: fields.integer("year"),
            description: fields.text("description"),
            faults: fields.finish(),
        }
    }
}

/// A whole book, to create one or to replace one. What is left out, or `null`, takes its default.
#[derive(ToSchema)]
#[schema(as = BookInput, example = json!({
    "title": "Clean Code", "author": "Robert C. Martin", "isbn": "978-0-13-235088-4",
    "genre": "Software", "year": 2008
}))]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(crate) struct BookInput {
    /// One line, trimmed.
    #[schema(min_length = 1, max_length = 200, example = "Clean Code")]
    title: String,
    /// One line, trimmed.
    #[schema(min_length = 1, max_length = 200, example = "Robert C. Martin")]
    author: String,
    /// ISBN-10 or ISBN-13 with the right check digit; hyphens and spaces may stand in it.
    #[schema(example = "978-0-13-235088-4")]
    isbn: Option<String>,
    /// One line, trimmed.
    #[schema(min_length = 1, max_length = 50, default = "Unknown", example = "Software")]
    genre: Option<String>,
    /// As ISO 8601 numbers it (0 is 1 BC), up to five years from now.
    #[schema(minimum = -3000, example = 2008)]
    year: Option<i64>,
    /// May have line breaks.
    #[schema(min_length = 1, max_length = 2000)]
    description: Option<String>,
}

/// A JSON Merge Patch (RFC 7396): only what is sent changes, `null` clears an optional field.
#[derive(ToSchema)]
#[schema(as = BookPatch, example = json!({"year": 2009, "genre": null}))]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(crate) struct BookPatchInput {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    author: Option<String>,
    isbn: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    genre: Option<String>,
    #[schema(minimum = -3000)]
    year: Option<i64>,
    #[schema(min_length = 1, max_length = 2000)]
    description: Option<String>,
}
