use bookshelf_domain::shelves::{ReadingStatus, ShelfEntry, ShelfStats};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::StatusName;
use crate::books::{BookView, average, tag_parts};
use crate::http::{EntityTag, TagForm};
use crate::paths;
use crate::time::{Day, Moment};

/// A book on the shelf.
#[derive(Serialize, ToSchema)]
#[schema(as = ShelfEntry)]
pub(super) struct ShelfEntryView<'a> {
    #[schema(minimum = 1, example = 7)]
    id: i64,
    #[schema(inline, value_type = StatusName)]
    status: &'static str,
    #[schema(required = true, minimum = 1, maximum = 5, example = 4)]
    rating: Option<u8>,
    #[schema(required = true)]
    notes: Option<&'a str>,
    #[schema(value_type = Option<String>, format = Date, required = true, example = "2026-11-01")]
    started_on: Option<Day>,
    #[schema(value_type = Option<String>, format = Date, required = true)]
    finished_on: Option<Day>,
    #[schema(value_type = String, format = DateTime)]
    added_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Moment,
    book: BookView<'a>,
    links: ShelfEntryLinks,
}

#[derive(Serialize, ToSchema)]
struct ShelfEntryLinks {
    #[serde(rename = "self")]
    #[schema(example = "/api/v1/shelf/7")]
    self_: String,
    #[schema(example = "/api/v1/shelf")]
    collection: &'static str,
    #[schema(example = "/api/v1/books/42")]
    book: String,
}

impl<'a> From<&'a ShelfEntry> for ShelfEntryView<'a> {
    fn from(entry: &'a ShelfEntry) -> Self {
        let fields = &entry.fields;
        Self {
            id: entry.id.get(),
            status: fields.status.as_str(),
            rating: fields.rating.map(|rating| rating.get()),
            notes: fields.notes.as_ref().map(|notes| notes.as_str()),
            started_on: fields.started_on.map(Day),
            finished_on: fields.finished_on.map(Day),
            added_at: Moment(entry.added_at),
            updated_at: Moment(entry.updated_at),
            book: (&entry.book).into(),
            links: ShelfEntryLinks {
                self_: paths::shelf_entry(entry.id),
                collection: paths::SHELF,
                book: paths::book(entry.book.id),
            },
        }
    }
}

/// The tags of entries. The version of the view grows with every change of the JSON of a
/// [`ShelfEntryView`] or of the book in it, which a test notices.
pub(crate) const TAGS: TagForm<4> = TagForm { view: 1 };

/// The tag of an entry. It contains the numbers of the book's tag, because an entry is shown with its
/// book.
pub(super) fn tag(entry: &ShelfEntry) -> EntityTag {
    let [version, sum, count] = tag_parts(&entry.book);
    TAGS.tag([entry.version.get(), version, sum, count])
}

/// The statistics of a shelf.
#[derive(Serialize, ToSchema)]
#[schema(as = ShelfStats, example = json!({
    "total": 12, "by_status": {"want_to_read": 4, "reading": 1, "read": 6, "abandoned": 1},
    "finished_by_year": [{"year": 2026, "count": 4}, {"year": 2025, "count": 2}],
    "average_rating": 3.83, "links": {"self": "/api/v1/shelf/stats", "collection": "/api/v1/shelf"}
}))]
pub(super) struct ShelfStatsView {
    #[schema(minimum = 0)]
    total: u64,
    by_status: ByStatus,
    /// The number of books that were read, by the year of `finished_on`, the latest year first.
    /// Books without `finished_on` are not counted.
    finished_by_year: Vec<YearView>,
    /// The average of the user's own ratings, with two decimals; `null` without ratings.
    #[schema(required = true, minimum = 1, maximum = 5)]
    average_rating: Option<f64>,
    links: ShelfStatsLinks,
}

#[derive(Serialize, ToSchema)]
struct ByStatus {
    #[schema(minimum = 0)]
    want_to_read: u64,
    #[schema(minimum = 0)]
    reading: u64,
    #[schema(minimum = 0)]
    read: u64,
    #[schema(minimum = 0)]
    abandoned: u64,
}

#[derive(Serialize, ToSchema)]
struct YearView {
    year: i32,
    #[schema(minimum = 1)]
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct ShelfStatsLinks {
    #[serde(rename = "self")]
    self_: &'static str,
    collection: &'static str,
}

impl From<ShelfStats> for ShelfStatsView {
    fn from(stats: ShelfStats) -> Self {
        let years = stats.finished_by_year.iter();
        Self {
            total: stats.total(),
            by_status: ByStatus {
                want_to_read: stats.with_status(ReadingStatus::WantToRead),
                reading: stats.with_status(ReadingStatus::Reading),
                read: stats.with_status(ReadingStatus::Read),
                abandoned: stats.with_status(ReadingStatus::Abandoned),
            },
            finished_by_year: years
                .map(|year| YearView { year: year.year, count: year.count })
                .collect(),
            average_rating: average(stats.rating),
            links: ShelfStatsLinks { self_: paths::SHELF_STATS, collection: paths::SHELF },
        }
    }
}
