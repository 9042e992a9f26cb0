//! Made-up exports with the dirt of real ones.

mod export_import;
mod importing;
mod reading;
mod strange;

use bookshelf_domain::books::BookFields;
use bookshelf_domain::shelves::ReadingDate;

use super::{HistoryRow, HistoryRows, Origin};

/// The whole of a file, which is of this origin.
fn rows(origin: Origin, file: impl AsRef<[u8]>) -> Vec<HistoryRow> {
    let mut rows = HistoryRows::open(file.as_ref()).unwrap();
    assert_eq!(rows.origin(), origin);
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

/// What a row says, on one line: author, title, ISBN, year, status, rating, days and notes.
fn told(row: &HistoryRow) -> String {
    let reading = match &row.reading {
        Ok(reading) => reading,
        Err(faults) => return faults.to_string(),
    };
    let now = "2026-11-21T06:00:00Z".parse().unwrap();
    let book = match reading.book.clone().into_fields(now) {
        Ok(book) => book,
        Err(faults) => return faults.to_string(),
    };
    let BookFields { title, author, isbn, year, .. } = book;
    let day = |day: Option<ReadingDate>| day.map_or("-".to_owned(), |day| day.to_string());
    format!(
        "{}: {}, {} {} | {} {} {}..{} +{} {:?}",
        author.as_str(),
        title.as_str(),
        isbn.map_or("-".to_owned(), |isbn| isbn.to_string()),
        year.map_or("-".to_owned(), |year| year.get().to_string()),
        reading.status,
        reading.rating.map_or(0, |rating| rating.get()),
        day(reading.started_on),
        day(reading.finished_on),
        reading.added_at.map_or("-".to_owned(), |at| at.date_naive().to_string()),
        reading.notes.as_ref().map_or("", |notes| notes.as_str()),
    )
}

fn remarks(row: &HistoryRow) -> String {
    row.remarks.to_string()
}
