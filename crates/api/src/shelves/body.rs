use bookshelf_domain::shelves::{ReadingStatus, ShelfDraft};
use serde::Deserialize;
use serde_json::json;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::books::BookBody;
use crate::http::{Choice, Chosen, Member, Read, Variant};

/// A new entry of the shelf. It names its book by `book_id`, or describes it in `book`. Such a book
/// is looked up in the catalogue by its ISBN and not changed; if it is not there, it is added. A
/// field that is absent or `null` gets its default.
#[derive(Deserialize, ToSchema)]
#[schema(as = ShelfEntryInput, example = json!({
    "book_id": 42, "status": "reading", "rating": 4, "started_on": "2026-11-01"
}))]
pub(crate) struct ShelfEntryBody {
    #[schema(value_type = Option<i64>, minimum = 1, example = 42)]
    book_id: Member<i64>,
    #[schema(value_type = Option<BookBody>)]
    book: Member<Read<BookBody>>,
    #[schema(value_type = Option<StatusName>, inline, default = "want_to_read")]
    status: Member<String>,
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 5, example = 4)]
    rating: Member<i64>,
    /// May contain line breaks.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    notes: Member<String>,
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-01")]
    started_on: Member<String>,
    /// Not before `started_on`.
    #[schema(value_type = Option<String>, format = Date)]
    finished_on: Member<String>,
}

impl From<Read<ShelfEntryBody>> for ShelfDraft {
    fn from(Read { members, faults }: Read<ShelfEntryBody>) -> Self {
        Self {
            book_id: members.book_id.0,
            book: members.book.0.into_value().map(Into::into),
            status: members.status.0,
            rating: members.rating.0,
            notes: members.notes.0,
            started_on: members.started_on.0,
            finished_on: members.finished_on.0,
            faults,
        }
    }
}

/// The members of an entry that no change of it changes. An entry keeps its book: to shelve another
/// one, a client deletes the entry and adds a new one.
pub(super) const READ_ONLY: &[&str] = &["id", "book_id", "book", "added_at", "updated_at", "links"];

/// The schema of a [`ShelfEntryBody`] that replaces an entry.
pub(crate) enum ShelfEntryReplacement {}

impl ToSchema for ShelfEntryReplacement {}

impl PartialSchema for ShelfEntryReplacement {
    fn schema() -> RefOr<Schema> {
        let replacement = Variant {
            description: "A whole entry, except for its book, which cannot be changed. A field that \
                is absent or `null` gets its default. Read-only members are ignored, so an entry \
                can be sent back as it was shown.",
            example: json!({
                "status": "read", "rating": 5, "started_on": "2026-11-01",
                "finished_on": "2026-11-20"
            }),
            read_only: READ_ONLY,
        };
        replacement.replacement::<ShelfEntryBody>()
    }
}

/// The schema of a [`ShelfEntryBody`] that changes an entry.
pub(crate) enum ShelfEntryPatch {}

impl ToSchema for ShelfEntryPatch {}

impl PartialSchema for ShelfEntryPatch {
    fn schema() -> RefOr<Schema> {
        let patch = Variant {
            description: "A JSON Merge Patch (RFC 7396): fields that are absent do not change, and \
                `null` clears a field, and sets the status to its default. Read-only members are ignored.",
            example: json!({"rating": 5, "notes": null}),
            read_only: READ_ONLY,
        };
        patch.merge_patch::<ShelfEntryBody>()
    }
}

pub(super) type StatusName = Chosen<ReadingStatus>;

impl Choice for ReadingStatus {
    const CHOICES: &'static [(&'static str, Self)] = &[
        (Self::WantToRead.as_str(), Self::WantToRead),
        (Self::Reading.as_str(), Self::Reading),
        (Self::Read.as_str(), Self::Read),
        (Self::Abandoned.as_str(), Self::Abandoned),
    ];
}
