use std::sync::Arc;

use bookshelf_domain::books::{Book, BookId, BookRepository};
use serde::Serialize;

use super::{Format, formula};
use crate::Error;

/// Books read at once.
const BATCH: u32 = 500;

/// An export under way: the catalogue by id, a piece of the file at a time.
pub struct BookExport {
    repository: Arc<dyn BookRepository>,
    format: Format,
    after: BookId,
    started: bool,
}

impl BookExport {
    pub(super) fn new(repository: Arc<dyn BookRepository>, format: Format) -> Self {
        Self { repository, format, after: BookId::new(0), started: false }
    }

    /// The next piece of the file, with the number of books in it; `None` when it is complete.
    pub async fn next_piece(&mut self) -> Result<Option<(Vec<u8>, usize)>, Error> {
        let books = self.repository.read_after(self.after, BATCH).await?;
        let is_first = !std::mem::replace(&mut self.started, true);
        match books.last() {
            Some(last) => self.after = last.id,
            None if !is_first => return Ok(None),
            None => {}
        }
        let piece = match self.format {
            Format::Csv => csv(&books, is_first),
            Format::Ndjson => ndjson(&books),
        };
        Ok(Some((piece.map_err(Error::Unexpected)?, books.len())))
    }
}

/// What is written of a book: what an import needs to make it again.
#[derive(Serialize)]
pub(super) struct Exported<'a> {
    pub(super) title: &'a str,
    pub(super) author: &'a str,
    pub(super) isbn: Option<&'a str>,
    pub(super) genre: Option<&'a str>,
    pub(super) year: Option<i32>,
    pub(super) description: Option<&'a str>,
}

impl<'a> From<&'a Book> for Exported<'a> {
    fn from(book: &'a Book) -> Self {
        let fields = &book.fields;
        Self {
            title: fields.title.as_str(),
            author: fields.author.as_str(),
            isbn: fields.isbn.as_ref().map(|isbn| isbn.as_str()),
            genre: fields.genre.as_ref().map(|genre| genre.as_str()),
            year: fields.year.map(|year| year.get()),
            description: fields.description.as_ref().map(|text| text.as_str()),
        }
    }
}

type Piece = Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>;

fn csv(books: &[Book], with_header: bool) -> Piece {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if with_header {
        writer.write_record(["title", "author", "isbn", "genre", "year", "description"])?;
    }
    for book in books.iter().map(Exported::from) {
        // A year before our era begins with a minus and is no formula.
        let year = book.year.map(|year| year.to_string());
        writer.write_record([
            formula::neutralise(book.title).as_bytes(),
            formula::neutralise(book.author).as_bytes(),
            book.isbn.unwrap_or_default().as_bytes(),
            formula::neutralise(book.genre.unwrap_or_default()).as_bytes(),
            year.unwrap_or_default().as_bytes(),
            formula::neutralise(book.description.unwrap_or_default()).as_bytes(),
        ])?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

fn ndjson(books: &[Book]) -> Piece {
    let mut piece = Vec::new();
    for book in books {
        serde_json::to_writer(&mut piece, &Exported::from(book))?;
        piece.push(b'\n');
    }
    Ok(piece)
}
