use chrono::{DateTime, NaiveDate, Utc};
use futures_util::Stream;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::page::{self, Query};
use crate::{
    Book, BookInput, Change, Client, Download, Error, Export, HistoryReport, Import, Page, Paging,
    Tagged, Upload,
};

/// A book on the shelf of a user.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct ShelfEntry {
    pub id: i64,
    pub status: ReadingStatus,
    /// 1 to 5.
    pub rating: Option<u8>,
    pub notes: Option<String>,
    pub started_on: Option<NaiveDate>,
    pub finished_on: Option<NaiveDate>,
    pub added_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub book: Book,
}

/// How far a reader is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum ReadingStatus {
    WantToRead,
    Reading,
    Read,
    Abandoned,
    /// A status that this version of the client does not know.
    #[serde(untagged)]
    Other(String),
}

/// What a reader says about a book. End it with `..EntryFields::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct EntryFields {
    /// The default is `WantToRead`.
    pub status: Option<ReadingStatus>,
    /// 1 to 5.
    pub rating: Option<u8>,
    pub notes: Option<String>,
    pub started_on: Option<NaiveDate>,
    pub finished_on: Option<NaiveDate>,
}

/// Changes of some fields of an entry. End it with `..EntryPatch::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct EntryPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ReadingStatus>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub rating: Change<u8>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub notes: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub started_on: Change<NaiveDate>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub finished_on: Change<NaiveDate>,
}

/// The book of a new entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ShelvedBook {
    /// A book of the catalogue.
    #[serde(rename = "book_id")]
    Id(i64),
    /// The book with this ISBN, or a new book with these fields.
    #[serde(rename = "book")]
    New(BookInput),
}

#[derive(Serialize)]
struct NewEntry<'a> {
    #[serde(flatten)]
    book: &'a ShelvedBook,
    #[serde(flatten)]
    fields: &'a EntryFields,
}

/// Which entries, and in which order. End it with `..ShelfQuery::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ShelfQuery {
    /// The status.
    pub status: Option<ReadingStatus>,
    /// The rating.
    pub rating: Option<u8>,
    /// Words that are all in the title or the author.
    pub search: Option<String>,
    /// The default is `AddedAt`, the newest first.
    pub sort: Option<ShelfSort>,
    /// The place in the list.
    #[serde(flatten)]
    pub paging: Paging,
}

/// What entries are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum ShelfSort {
    AddedAt,
    Title,
    Author,
    Rating,
    FinishedOn,
}

/// Figures about a shelf.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct ShelfStats {
    pub total: u64,
    pub by_status: ByStatus,
    pub finished_by_year: Vec<YearCount>,
    /// The mean of the ratings, or `None` without ratings.
    pub average_rating: Option<f64>,
}

/// The number of entries of each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct ByStatus {
    pub want_to_read: u64,
    pub reading: u64,
    pub read: u64,
    pub abandoned: u64,
}

/// The number of books that were finished in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct YearCount {
    pub year: i32,
    pub count: u64,
}

impl Query for ShelfQuery {
    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }
}

/// The shelf of the user. Every method fails with the [`Error`] of the server.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a>(pub(crate) &'a Client);

const PATH: &str = "/shelf";

#[expect(clippy::missing_errors_doc, reason = "the struct says it once")]
impl Shelf<'_> {
    /// Reads a page.
    pub async fn list(&self, query: &ShelfQuery) -> Result<Page<ShelfEntry>, Error> {
        page::page(&self.0.inner, PATH, query).await
    }

    /// Reads a list to its end, 100 entries at a time if the query names no other length.
    pub fn all(
        &self,
        query: ShelfQuery,
    ) -> impl Stream<Item = Result<ShelfEntry, Error>> + Send + 'static {
        page::all(&self.0.inner, PATH, query)
    }

    /// Puts a book on the shelf.
    pub async fn add(
        &self,
        book: &ShelvedBook,
        fields: &EntryFields,
    ) -> Result<Tagged<ShelfEntry>, Error> {
        let call = Call::post(PATH).json(&NewEntry { book, fields })?.once()?;
        self.0.inner.send(call).await?.tagged()
    }

    /// Reads an entry.
    pub async fn get(&self, id: i64) -> Result<Tagged<ShelfEntry>, Error> {
        self.0.inner.send(Call::get(path(id))).await?.tagged()
    }

    /// Replaces all fields; with an entity tag, only if the entry still has it.
    pub async fn replace(
        &self,
        id: i64,
        fields: &EntryFields,
        etag: Option<&str>,
    ) -> Result<Tagged<ShelfEntry>, Error> {
        let call = Call::put(path(id)).json(fields)?.if_match(etag)?;
        self.0.inner.send(call).await?.tagged()
    }

    /// Changes some fields; with an entity tag, only if the entry still has it.
    pub async fn patch(
        &self,
        id: i64,
        patch: &EntryPatch,
        etag: Option<&str>,
    ) -> Result<Tagged<ShelfEntry>, Error> {
        let call = Call::patch(path(id)).json(patch)?.if_match(etag)?;
        self.0.inner.send(call).await?.tagged()
    }

    /// Takes a book off the shelf.
    pub async fn delete(&self, id: i64, etag: Option<&str>) -> Result<(), Error> {
        self.0.inner.send(Call::delete(path(id)).if_match(etag)?).await.map(drop)
    }

    /// Reads the figures.
    pub async fn stats(&self) -> Result<ShelfStats, Error> {
        self.0.inner.send(Call::get("/shelf/stats")).await?.data()
    }

    /// Takes over a reading history, such as the export of another program.
    pub async fn import(
        &self,
        file: impl Into<Upload>,
        options: &Import,
    ) -> Result<HistoryReport, Error> {
        let call = options.call("/shelf/import", file.into())?;
        self.0.inner.send(call).await?.data()
    }

    /// Reads the shelf as a file.
    pub async fn export(&self, format: Export) -> Result<Download, Error> {
        self.0.inner.download(format.call("/shelf/export")).await.map(Download)
    }
}

fn path(id: i64) -> String {
    format!("{PATH}/{id}")
}
