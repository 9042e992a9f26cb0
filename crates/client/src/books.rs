use chrono::{DateTime, Utc};
use futures_util::Stream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::IF_NONE_MATCH;
use serde::{Deserialize, Serialize};

use crate::call::{Call, header};
use crate::page::{self, Query};
use crate::{
    Change, Client, Download, Error, Export, Import, ImportReport, Page, Paging, Tagged, Upload,
};

/// A book of the catalogue.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct Book {
    pub id: i64,
    pub title: String,
    pub author: String,
    /// 13 digits.
    pub isbn: Option<String>,
    pub genre: String,
    pub year: Option<i32>,
    pub description: Option<String>,
    pub rating: Rating,
    /// The path of the cover.
    pub cover: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What the users think of a book.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Rating {
    /// The mean with two decimals, or `None` without ratings.
    pub average: Option<f64>,
    /// The number of ratings.
    pub count: u64,
}

/// The fields of a book. End it with `..BookInput::default()`, because fields may be added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct BookInput {
    pub title: String,
    pub author: String,
    /// In any form.
    pub isbn: Option<String>,
    pub genre: Option<String>,
    pub year: Option<i32>,
    pub description: Option<String>,
}

/// Changes of some fields of a book. End it with `..BookPatch::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct BookPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub isbn: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub genre: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub year: Change<i32>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub description: Change<String>,
}

/// Which books, and in which order. End it with `..BookQuery::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BookQuery {
    /// Words that are all in the title, the author or the ISBN.
    pub search: Option<String>,
    /// A part of the title.
    pub title: Option<String>,
    /// A part of the author.
    pub author: Option<String>,
    /// The whole genre.
    pub genre: Option<String>,
    /// The year.
    pub year: Option<i32>,
    /// The earliest year.
    pub year_from: Option<i32>,
    /// The latest year.
    pub year_to: Option<i32>,
    /// An ISBN in any form.
    pub isbn: Option<String>,
    /// The default is `CreatedAt`, the newest first.
    pub sort: Option<BookSort>,
    /// The place in the list.
    #[serde(flatten)]
    pub paging: Paging,
}

/// What books are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum BookSort {
    CreatedAt,
    Title,
    Author,
    Year,
    Rating,
}

impl Query for BookQuery {
    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }
}

/// The catalogue. Every method fails with the [`Error`] of the server.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a>(pub(crate) &'a Client);

const PATH: &str = "/books";

#[expect(clippy::missing_errors_doc, reason = "the struct says it once")]
impl Books<'_> {
    /// Reads a page.
    pub async fn list(&self, query: &BookQuery) -> Result<Page<Book>, Error> {
        page::page(&self.0.inner, PATH, query).await
    }

    /// Reads a list to its end, 100 books at a time if the query names no other length.
    pub fn all(
        &self,
        query: BookQuery,
    ) -> impl Stream<Item = Result<Book, Error>> + Send + 'static {
        page::all(&self.0.inner, PATH, query)
    }

    /// Adds a book.
    pub async fn create(&self, book: &BookInput) -> Result<Tagged<Book>, Error> {
        self.0.inner.send(Call::post(PATH).json(book)?.once()?).await?.tagged()
    }

    /// Reads a book.
    pub async fn get(&self, id: i64) -> Result<Tagged<Book>, Error> {
        self.0.inner.send(Call::get(path(id))).await?.tagged()
    }

    /// Reads a book, or returns `None` if it still has this entity tag.
    pub async fn get_if_changed(&self, id: i64, etag: &str) -> Result<Option<Tagged<Book>>, Error> {
        let mut call = Call::get(path(id));
        call.headers.insert(IF_NONE_MATCH, header(etag)?);
        let reply = self.0.inner.send(call).await?;
        if reply.is_unchanged() { Ok(None) } else { reply.tagged().map(Some) }
    }

    /// Reads the book with this ISBN, which may have any form.
    pub async fn get_by_isbn(&self, isbn: &str) -> Result<Tagged<Book>, Error> {
        let isbn = utf8_percent_encode(isbn, NON_ALPHANUMERIC);
        self.0.inner.send(Call::get(format!("{PATH}/isbn/{isbn}"))).await?.tagged()
    }

    /// Replaces all fields; with an entity tag, only if the book still has it.
    pub async fn replace(
        &self,
        id: i64,
        book: &BookInput,
        etag: Option<&str>,
    ) -> Result<Tagged<Book>, Error> {
        let call = Call::put(path(id)).json(book)?.if_match(etag)?;
        self.0.inner.send(call).await?.tagged()
    }

    /// Changes some fields; with an entity tag, only if the book still has it.
    pub async fn patch(
        &self,
        id: i64,
        patch: &BookPatch,
        etag: Option<&str>,
    ) -> Result<Tagged<Book>, Error> {
        let call = Call::patch(path(id)).json(patch)?.if_match(etag)?;
        self.0.inner.send(call).await?.tagged()
    }

    /// Deletes a book, for admins. A book that is on shelves is deleted only with `force`.
    pub async fn delete(&self, id: i64, force: bool, etag: Option<&str>) -> Result<(), Error> {
        let mut call = Call::delete(path(id)).if_match(etag)?;
        if force {
            call.query.push(("force".to_owned(), "true".to_owned()));
        }
        self.0.inner.send(call).await.map(drop)
    }

    /// Stores a cover in place of an earlier one: a JPEG, PNG or WebP image.
    pub async fn set_cover(
        &self,
        id: i64,
        image: impl Into<Upload>,
        etag: Option<&str>,
    ) -> Result<Tagged<Book>, Error> {
        let call = Call::put(cover(id)).upload(image.into(), "application/octet-stream");
        self.0.inner.send(call.if_match(etag)?).await?.tagged()
    }

    /// Reads a cover.
    pub async fn cover(&self, id: i64) -> Result<Download, Error> {
        self.0.inner.download(Call::get(cover(id)).accept("image/*")).await.map(Download)
    }

    /// Reads a small cover, at most 320 pixels high.
    pub async fn thumbnail(&self, id: i64) -> Result<Download, Error> {
        let mut call = Call::get(cover(id)).accept("image/*");
        call.query.push(("size".to_owned(), "thumb".to_owned()));
        self.0.inner.download(call).await.map(Download)
    }

    /// Deletes a cover, for admins.
    pub async fn delete_cover(&self, id: i64, etag: Option<&str>) -> Result<(), Error> {
        self.0.inner.send(Call::delete(cover(id)).if_match(etag)?).await.map(drop)
    }

    /// Adds the books of a file, for admins.
    pub async fn import(
        &self,
        file: impl Into<Upload>,
        options: &Import,
    ) -> Result<ImportReport, Error> {
        let call = options.call("/books/import", file.into())?;
        self.0.inner.send(call).await?.data()
    }

    /// Reads all books as a file.
    pub async fn export(&self, format: Export) -> Result<Download, Error> {
        self.0.inner.download(format.call("/books/export")).await.map(Download)
    }
}

fn path(id: i64) -> String {
    format!("{PATH}/{id}")
}

fn cover(id: i64) -> String {
    format!("{PATH}/{id}/cover")
}
