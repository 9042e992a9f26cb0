//! Invented exports with the flaws of real ones.

mod export_import;
mod importing;
mod reading;
mod strange;

use bookshelf_domain::books::BookFields;
use bookshelf_domain::shelves::ReadingDate;

use super::{HistoryRow, HistoryRows, Origin};
use crate::tests::now;

/// All rows of a file of this origin.
fn rows(origin: Origin, file: impl AsRef<[u8]>) -> Vec<HistoryRow> {
    let mut rows = HistoryRows::open(file.as_ref(), None).unwrap();
    assert_eq!(rows.origin(), origin);
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

/// A row on one line: author, title, ISBN, year, status, rating, dates and notes, or its faults.
fn line_of(row: &HistoryRow) -> String {
    let reading = match &row.reading {
        Ok(reading) => reading,
        Err(faults) => return faults.to_string(),
    };
    let book = match reading.book.clone().into_fields(now()) {
        Ok(book) => book,
        Err(faults) => return faults.to_string(),
    };
    let fields = &reading.fields;
    let BookFields { title, author, isbn, year, .. } = book;
    let day = |day: Option<ReadingDate>| day.map_or("-".to_owned(), |day| day.to_string());
    format!(
        "{}: {}, {} {} | {} {} {}..{} +{} {:?}",
        author.as_str(),
        title.as_str(),
        isbn.map_or("-".to_owned(), |isbn| isbn.to_string()),
        year.map_or("-".to_owned(), |year| year.get().to_string()),
        fields.status,
        fields.rating.map_or(0, |rating| rating.get()),
        day(fields.started_on),
        day(fields.finished_on),
        reading.added_at.map_or("-".to_owned(), |at| at.date_naive().to_string()),
        fields.notes.as_ref().map_or("", |notes| notes.as_str()),
    )
}

fn remarks(row: &HistoryRow) -> String {
    row.remarks.to_string()
}
