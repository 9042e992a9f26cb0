use std::borrow::Cow;
use std::sync::Arc;

use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{ReadingStatus, ShelfEntry, ShelfEntryId, ShelfRepository};
use chrono::SecondsFormat;
use serde::Serialize;

use super::super::export::{ExportedBook, book_cells, book_columns};
use super::super::formula;
use super::super::limits::EXPORT_ENTRIES;
use super::super::pieces::{self, Piece};
use super::super::row::Format;
use crate::Error;

/// The format of an export of a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryFormat {
    /// Bookshelf's own columns, which hold everything.
    Own(Format),
    /// The columns of Goodreads, which many programs read.
    Goodreads,
}

/// A running export of a user's shelf, by id.
pub struct HistoryExport {
    repository: Arc<dyn ShelfRepository>,
    user: UserId,
    format: HistoryFormat,
    after: ShelfEntryId,
    started: bool,
}

impl HistoryExport {
    pub(super) fn new(
        repository: Arc<dyn ShelfRepository>,
        user: UserId,
        format: HistoryFormat,
    ) -> Self {
        Self { repository, user, format, after: ShelfEntryId::new(0), started: false }
    }

    /// The next piece of the file and the number of entries in it, or `None` when the file is complete.
    pub async fn next_piece(&mut self) -> Result<Option<(Vec<u8>, usize)>, Error> {
        let entries = self.repository.read_after(self.user, self.after, EXPORT_ENTRIES).await?;
        let is_first = !std::mem::replace(&mut self.started, true);
        match entries.last() {
            Some(last) => self.after = last.id,
            None if !is_first => return Ok(None),
            None => {}
        }
        let piece = write(self.format, &entries, is_first).map_err(Error::Unexpected)?;
        Ok(Some((piece, entries.len())))
    }
}

pub(super) fn write(format: HistoryFormat, entries: &[ShelfEntry], is_first: bool) -> Piece {
    let entries = entries.iter();
    match format {
        HistoryFormat::Own(Format::Csv) => {
            let header = [&book_columns()[..], &READING_COLUMNS].concat();
            pieces::csv(is_first.then_some(&header), entries.map(own_cells))
        }
        HistoryFormat::Own(Format::Ndjson) => pieces::ndjson(entries.map(ExportedEntry::from)),
        HistoryFormat::Goodreads => {
            let header = GOODREADS.map(|(name, _)| name);
            let cells = |entry| GOODREADS.map(|(_, cell)| cell(entry));
            pieces::csv(is_first.then_some(&header), entries.map(cells))
        }
    }
}

/// An entry in Bookshelf's own format.
#[derive(Serialize)]
struct ExportedEntry<'a> {
    #[serde(flatten)]
    book: ExportedBook<'a>,
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
            book: ExportedBook::from(&entry.book),
            status: fields.status.as_str(),
            rating: fields.rating.map(|rating| rating.get()),
            notes: fields.notes.as_ref().map(|notes| notes.as_str()),
            started_on: fields.started_on.map(|date| date.to_string()),
            finished_on: fields.finished_on.map(|date| date.to_string()),
            added_at: timestamp(entry.added_at),
        }
    }
}

fn timestamp(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

const READING_COLUMNS: [&str; 6] =
    ["status", "rating", "notes", "started_on", "finished_on", "added_at"];

fn own_cells(entry: &ShelfEntry) -> Vec<Cow<'_, str>> {
    let mut cells = book_cells(&entry.book);
    let entry = ExportedEntry::from(entry);
    cells.extend([
        entry.status.into(),
        entry.rating.map(|rating| rating.to_string()).unwrap_or_default().into(),
        formula::neutralise(entry.notes.unwrap_or_default()),
        entry.started_on.unwrap_or_default().into(),
        entry.finished_on.unwrap_or_default().into(),
        entry.added_at.into(),
    ]);
    cells
}

/// A column of CSV: its name, and its cell for an entry.
type Column = (&'static str, fn(&ShelfEntry) -> Cow<'_, str>);

/// The columns of Goodreads. The notes become private notes, because reviews on Goodreads are public.
const GOODREADS: [Column; 24] = [
    ("Book Id", empty),
    ("Title", |entry| formula::neutralise(entry.book.fields.title.as_str())),
    ("Author", |entry| formula::neutralise(entry.book.fields.author.as_str())),
    ("Author l-f", empty),
    ("Additional Authors", empty),
    // As a formula of text, which a spreadsheet does not take for a number.
    ("ISBN", |_| "=\"\"".into()),
    ("ISBN13", |entry| {
        let isbn = entry.book.fields.isbn.as_ref().map_or("", |isbn| isbn.as_str());
        format!("=\"{isbn}\"").into()
    }),
    ("My Rating", |entry| entry.fields.rating.map_or(0, |rating| rating.get()).to_string().into()),
    ("Average Rating", empty),
    ("Publisher", empty),
    ("Binding", empty),
    ("Number of Pages", empty),
    ("Year Published", empty),
    ("Original Publication Year", |entry| {
        entry.book.fields.year.map(|year| year.get().to_string()).unwrap_or_default().into()
    }),
    ("Date Read", |entry| {
        entry.fields.finished_on.map(|date| slashed(&date.to_string())).unwrap_or_default().into()
    }),
    ("Date Added", |entry| slashed(&timestamp(entry.added_at)[..10]).into()),
    ("Bookshelves", empty),
    ("Bookshelves with positions", empty),
    ("Exclusive Shelf", |entry| goodreads_shelf(entry.fields.status).into()),
    ("My Review", empty),
    ("Spoiler", empty),
    ("Private Notes", |entry| {
        formula::neutralise(entry.fields.notes.as_ref().map_or("", |notes| notes.as_str()))
    }),
    ("Read Count", |entry| u8::from(entry.fields.status == ReadingStatus::Read).to_string().into()),
    ("Owned Copies", |_| "0".into()),
];

const fn empty(_: &ShelfEntry) -> Cow<'_, str> {
    Cow::Borrowed("")
}

const fn goodreads_shelf(status: ReadingStatus) -> &'static str {
    match status {
        ReadingStatus::WantToRead => "to-read",
        ReadingStatus::Reading => "currently-reading",
        ReadingStatus::Read => "read",
        ReadingStatus::Abandoned => "did-not-finish",
    }
}

fn slashed(date: &str) -> String {
    date.replace('-', "/")
}
