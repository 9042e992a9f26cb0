use std::borrow::Cow;
use std::sync::Arc;

use bookshelf_domain::books::{Book, BookFields, BookId, BookRepository};
use serde::Serialize;

use super::columns::Field;
use super::limits::EXPORT_BOOKS;
use super::row::Format;
use super::{formula, pieces};
use crate::Error;

/// A running export of the catalogue, by id.
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

    /// The next piece of the file and the number of books in it, or `None` when the file is complete.
    pub async fn next_piece(&mut self) -> Result<Option<(Vec<u8>, usize)>, Error> {
        let books = self.repository.read_after(self.after, EXPORT_BOOKS).await?;
        let is_first = !std::mem::replace(&mut self.started, true);
        match books.last() {
            Some(last) => self.after = last.id,
            None if !is_first => return Ok(None),
            None => {}
        }
        let piece = match self.format {
            Format::Csv => {
                let header = book_columns();
                pieces::csv(is_first.then_some(&header), books.iter().map(book_cells))
            }
            Format::Ndjson => pieces::ndjson(books.iter().map(ExportedBook::from)),
        };
        Ok(Some((piece.map_err(Error::Unexpected)?, books.len())))
    }
}

/// The fields of a book that an import reads.
#[derive(Serialize)]
pub(super) struct ExportedBook<'a> {
    pub(super) title: &'a str,
    pub(super) author: &'a str,
    pub(super) isbn: Option<&'a str>,
    pub(super) genre: Option<&'a str>,
    pub(super) year: Option<i32>,
    pub(super) description: Option<&'a str>,
}

impl<'a> From<&'a Book> for ExportedBook<'a> {
    fn from(book: &'a Book) -> Self {
        // Destructured, so that the compiler asks for a field that is added later.
        let BookFields { title, author, isbn, genre, year, description } = &book.fields;
        Self {
            title: title.as_str(),
            author: author.as_str(),
            isbn: isbn.as_ref().map(|isbn| isbn.as_str()),
            genre: genre.as_ref().map(|genre| genre.as_str()),
            year: year.map(|year| year.get()),
            description: description.as_ref().map(|text| text.as_str()),
        }
    }
}

pub(super) fn book_columns() -> [&'static str; 6] {
    Field::ALL.map(Field::name)
}

pub(super) fn book_cells(book: &Book) -> Vec<Cow<'_, str>> {
    let book = ExportedBook::from(book);
    let text = |text: Option<_>| formula::neutralise(text.unwrap_or_default());
    let cell = |field| match field {
        Field::Title => text(Some(book.title)),
        Field::Author => text(Some(book.author)),
        Field::Isbn => text(book.isbn),
        Field::Genre => text(book.genre),
        // A year before our era starts with a minus sign and is no formula.
        Field::Year => book.year.map(|year| year.to_string()).unwrap_or_default().into(),
        Field::Description => text(book.description),
    };
    Field::ALL.map(cell).into()
}
