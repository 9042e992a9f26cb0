use std::sync::Arc;

use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{ReadingStatus, ShelfEntry, ShelfEntryId, ShelfRepository};
use chrono::SecondsFormat;
use serde::Serialize;

use super::super::export::Exported;
use super::super::{Format, formula};
use crate::Error;

/// Entries read at once.
const BATCH: u32 = 200;

/// How a shelf is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryFormat {
    /// All that there is.
    Own(Format),
    /// As Goodreads does it, for the many programs that read that.
    Goodreads,
}

/// An export of one user's shelf under way, a piece of the file at a time.
pub struct HistoryExport {
    repository: Arc<dyn ShelfRepository>,
    user: UserId,
    format: HistoryFormat,
    after: ShelfEntryId,
    started: bool,
}

type Piece = Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>;

impl HistoryExport {
    pub(super) fn new(
        repository: Arc<dyn ShelfRepository>,
        user: UserId,
        format: HistoryFormat,
    ) -> Self {
        Self { repository, user, format, after: ShelfEntryId::new(0), started: false }
    }

    /// The next piece of the file; `None` when it is complete.
    pub async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let entries = self.repository.read_after(self.user, self.after, BATCH).await?;
        let is_first = !std::mem::replace(&mut self.started, true);
        match entries.last() {
            Some(last) => self.after = last.id,
            None if !is_first => return Ok(None),
            None => {}
        }
        write(self.format, &entries, is_first).map(Some).map_err(Error::Unexpected)
    }
}

pub(super) fn write(format: HistoryFormat, entries: &[ShelfEntry], is_first: bool) -> Piece {
    match format {
        HistoryFormat::Own(Format::Csv) => table(&OWN, entries, is_first, own_cells),
        HistoryFormat::Own(Format::Ndjson) => ndjson(entries),
        HistoryFormat::Goodreads => table(&GOODREADS, entries, is_first, goodreads_cells),
    }
}

/// What is written of an entry in the own format.
#[derive(Serialize)]
struct ExportedEntry<'a> {
    #[serde(flatten)]
    book: Exported<'a>,
    status: &'static str,
    rating: Option<u8>,
    notes: Option<&'a str>,
    started_on: Option<String>,
    finished_on: Option<String>,
    added_at: String,
}

impl<'a> From<&'a ShelfEntry> for ExportedEntry<'a> {
    fn from(entry: &'a ShelfEntry) -> Self {
        let fields = &entry.fields;
        Self {
            book: Exported::from(&entry.book),
            status: fields.status.as_str(),
            rating: fields.rating.map(|rating| rating.get()),
            notes: fields.notes.as_ref().map(|notes| notes.as_str()),
            started_on: fields.started_on.map(|day| day.to_string()),
            finished_on: fields.finished_on.map(|day| day.to_string()),
            added_at: moment(entry.added_at),
        }
    }
}

fn moment(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

const OWN: [&str; 12] = [
    "title",
    "author",
    "isbn",
    "genre",
    "year",
    "description",
    "status",
    "rating",
    "notes",
    "started_on",
    "finished_on",
    "added_at",
];

fn own_cells(entry: &ShelfEntry) -> [String; 12] {
    let it = ExportedEntry::from(entry);
    let text = |text: Option<&str>| formula::neutralise(text.unwrap_or_default()).into_owned();
    [
        text(Some(it.book.title)),
        text(Some(it.book.author)),
        text(it.book.isbn),
        text(it.book.genre),
        // A year before our era begins with a minus and is no formula.
        it.book.year.map(|year| year.to_string()).unwrap_or_default(),
        text(it.book.description),
        it.status.to_owned(),
        it.rating.map(|rating| rating.to_string()).unwrap_or_default(),
        text(it.notes),
        it.started_on.unwrap_or_default(),
        it.finished_on.unwrap_or_default(),
        it.added_at,
    ]
}

const GOODREADS: [&str; 24] = [
    "Book Id",
    "Title",
    "Author",
    "Author l-f",
    "Additional Authors",
    "ISBN",
    "ISBN13",
    "My Rating",
    "Average Rating",
    "Publisher",
    "Binding",
    "Number of Pages",
    "Year Published",
    "Original Publication Year",
    "Date Read",
    "Date Added",
    "Bookshelves",
    "Bookshelves with positions",
    "Exclusive Shelf",
    "My Review",
    "Spoiler",
    "Private Notes",
    "Read Count",
    "Owned Copies",
];

/// Notes are the reader's own, and so go to the private ones: reviews are for everybody.
fn goodreads_cells(entry: &ShelfEntry) -> [String; 24] {
    let it = ExportedEntry::from(entry);
    let text = |text: &str| formula::neutralise(text).into_owned();
    let is_read = entry.fields.status == ReadingStatus::Read;
    let mut cells = [const { String::new() }; 24];
    for (name, cell) in [
        ("Title", text(it.book.title)),
        ("Author", text(it.book.author)),
        // Spreadsheets would make numbers of them.
        ("ISBN", "=\"\"".to_owned()),
        ("ISBN13", format!("=\"{}\"", it.book.isbn.unwrap_or_default())),
        ("My Rating", it.rating.unwrap_or_default().to_string()),
        (
            "Original Publication Year",
            it.book.year.map(|year| year.to_string()).unwrap_or_default(),
        ),
        ("Date Read", slashed(&it.finished_on.unwrap_or_default())),
        ("Date Added", slashed(&it.added_at[..10])),
        ("Exclusive Shelf", goodreads_shelf(entry.fields.status).to_owned()),
        ("Private Notes", text(it.notes.unwrap_or_default())),
        ("Read Count", u8::from(is_read).to_string()),
        ("Owned Copies", "0".to_owned()),
    ] {
        if let Some(place) = GOODREADS.iter().position(|column| *column == name) {
            cells[place] = cell;
        }
    }
    cells
}

const fn goodreads_shelf(status: ReadingStatus) -> &'static str {
    match status {
        ReadingStatus::WantToRead => "to-read",
        ReadingStatus::Reading => "currently-reading",
        ReadingStatus::Read => "read",
        ReadingStatus::Abandoned => "did-not-finish",
    }
}

fn slashed(day: &str) -> String {
    day.replace('-', "/")
}

fn table<const N: usize>(
    header: &[&str; N],
    entries: &[ShelfEntry],
    with_header: bool,
    cells: fn(&ShelfEntry) -> [String; N],
) -> Piece {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if with_header {
        writer.write_record(header)?;
    }
    for entry in entries {
        writer.write_record(cells(entry))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

fn ndjson(entries: &[ShelfEntry]) -> Piece {
    let mut piece = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut piece, &ExportedEntry::from(entry))?;
        piece.push(b'\n');
    }
    Ok(piece)
}
