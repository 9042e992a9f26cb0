//! Imports and exports of a catalogue in memory.

pub(super) mod export_import;
mod importing;
mod reading;

use std::sync::{Arc, Mutex};

use bookshelf_domain::books::{
    Book, BookFields, BookId, ImportBatch, ImportRow, Imported, MockBookRepository, OnConflict,
};

use super::{Format, Row, Rows, Transfer};
use crate::tests::{book, clock, now};

fn rows(text: impl AsRef<[u8]>, format: Format) -> Vec<Row> {
    let mut rows = Rows::open(text.as_ref(), format, None).unwrap();
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

/// The book of a row, or its faults on one line.
fn made(row: Row) -> Result<BookFields, String> {
    row.draft.and_then(|draft| draft.into_fields(now())).map_err(|faults| faults.to_string())
}

fn over(repository: MockBookRepository) -> Transfer {
    Transfer::new(Arc::new(repository), clock())
}

type Catalogue = Arc<Mutex<Vec<Book>>>;

/// A transfer over a catalogue that imports as the contract of the port says.
fn transfer() -> (Transfer, Catalogue) {
    let catalogue = Catalogue::default();
    let mut repository = MockBookRepository::new();
    let kept = catalogue.clone();
    repository.expect_import().returning(move |batch| Ok(import(&kept, batch)));
    let kept = catalogue.clone();
    repository.expect_read_after().returning(move |after, limit| {
        let books = kept.lock().unwrap();
        let following = books.iter().filter(|book| book.id > after);
        Ok(following.take(limit as usize).cloned().collect())
    });
    (over(repository), catalogue)
}

fn import(kept: &Catalogue, batch: ImportBatch) -> Vec<Imported> {
    let mut kept = kept.lock().unwrap();
    let mut books = kept.clone();
    let outcomes = batch.rows.into_iter().map(|row| one(&mut books, row, batch.on_conflict));
    let outcomes = outcomes.collect();
    if !batch.dry_run {
        *kept = books;
    }
    outcomes
}

fn one(books: &mut Vec<Book>, row: ImportRow, on_conflict: OnConflict) -> Imported {
    let fields = &row.fields;
    let found = books.iter_mut().find(|book| match fields.isbn {
        Some(_) => book.fields.isbn == fields.isbn,
        None => book.fields.title == fields.title && book.fields.author == fields.author,
    });
    let Some(book) = found else {
        books.push(book(books.len() as i64 + 1, row.fields));
        return Imported::Created(BookId::new(books.len() as i64));
    };
    let after = row.patch.apply(&book.fields);
    if on_conflict == OnConflict::Skip || after == book.fields {
        return Imported::Skipped(book.id);
    }
    book.fields = after;
    Imported::Updated(book.id)
}
