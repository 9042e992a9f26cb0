use bookshelf_domain::Timestamp;
use bookshelf_domain::books::{BookFields, Isbn, Year};
use bookshelf_domain::shelves::{
    Notes, Rating, ReadingDate, ReadingStatus, ShelfEntry, ShelfFields,
};
use chrono::{DateTime, NaiveDate};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::importing::{entry, histories, imported};
use super::{Origin, rows};
use crate::tests::{book_fields, now, reader};
use crate::transfer::histories::{HistoryFormat, export};
use crate::transfer::tests::export_import::any_book;
use crate::transfer::{Format, ImportOptions};

const OWN: [HistoryFormat; 2] =
    [HistoryFormat::Own(Format::Csv), HistoryFormat::Own(Format::Ndjson)];

fn book(title: &str) -> BookFields {
    book_fields(title, "Ida Marsh")
}

fn written(format: HistoryFormat, entries: &[ShelfEntry]) -> String {
    String::from_utf8(export::write(format, entries, true).unwrap()).unwrap()
}

#[test]
fn a_shelf_is_written_in_three_formats() {
    let full = entry(
        1,
        BookFields {
            isbn: Some(Isbn::parse("0439023483").unwrap()),
            year: Some(Year::new(-720, now()).unwrap()),
            ..book("=1+1")
        },
        ShelfFields {
            status: ReadingStatus::Abandoned,
            rating: Rating::new(2).ok(),
            notes: Notes::parse("a\n<b>\"c\"").ok(),
            started_on: "2020-01-02".parse().ok(),
            finished_on: "2020-02-03".parse().ok(),
        },
        now(),
    );
    let entries = [full, entry(2, book("B"), ShelfFields::default(), now())];
    assert_eq!(
        written(HistoryFormat::Own(Format::Csv), &entries),
        "title,author,isbn,genre,year,description,status,rating,notes,started_on,finished_on,added_at\n\
         '=1+1,Ida Marsh,9780439023481,,-720,,abandoned,2,\"a\n<b>\"\"c\"\"\",2020-01-02,2020-02-03,2026-11-21T06:00:00.000000Z\n\
         B,Ida Marsh,,,,,want_to_read,,,,,2026-11-21T06:00:00.000000Z\n"
    );
    assert_eq!(
        written(HistoryFormat::Own(Format::Ndjson), &entries[1..]),
        "{\"title\":\"B\",\"author\":\"Ida Marsh\",\"isbn\":null,\"genre\":null,\"year\":null,\"description\":null,\
         \"status\":\"want_to_read\",\"rating\":null,\"notes\":null,\"started_on\":null,\"finished_on\":null,\
         \"added_at\":\"2026-11-21T06:00:00.000000Z\"}\n"
    );
    let goodreads = written(HistoryFormat::Goodreads, &entries);
    let lines: Vec<_> = goodreads.split_inclusive('\n').collect();
    assert_eq!(lines[0].split(',').count(), 24);
    assert_eq!(
        lines[1..].concat(),
        ",'=1+1,Ida Marsh,,,\"=\"\"\"\"\",\"=\"\"9780439023481\"\"\",2,,,,,,-720,2020/02/03,2026/11/21,,,did-not-finish,,,\"a\n<b>\"\"c\"\"\",0,0\n\
         ,B,Ida Marsh,,,\"=\"\"\"\"\",\"=\"\"\"\"\",0,,,,,,,,2026/11/21,,,to-read,,,,0,0\n"
    );
}

#[tokio::test]
async fn an_exported_shelf_is_imported_unchanged() {
    for format in OWN {
        let (from, shelf) = histories();
        *shelf.lock().unwrap() = (1..=450)
            .map(|id| entry(id, book(&format!("Title {id}")), ShelfFields::default(), now()))
            .collect();
        let (mut out, mut file) = (from.export(&reader(), format), Vec::new());
        while let Some((piece, _)) = out.next_piece().await.unwrap() {
            file.extend(piece);
        }
        let (to, copy) = histories();
        let outcome = imported(&to, &file, ImportOptions::default()).await;
        assert_eq!((outcome.rows.created, outcome.remarked), (450, 0));
        assert_eq!(*copy.lock().unwrap(), *shelf.lock().unwrap());
    }
    let (empty, _) = histories();
    let mut out = empty.export(&reader(), HistoryFormat::Goodreads);
    assert!(out.next_piece().await.unwrap().unwrap().0.starts_with(b"Book Id,Title"));
    assert_eq!(out.next_piece().await.unwrap(), None);
}

fn prose() -> impl Strategy<Value = Option<String>> {
    option::of(prop_oneof!["[-'=+@\",\r\n\ta<>&;]{1,12}", "[^\0]{1,60}"])
}

fn any_date() -> impl Strategy<Value = Option<ReadingDate>> {
    option::of((1..=9999, 1..=366_u32).prop_filter_map("not a date", |(year, day)| {
        NaiveDate::from_yo_opt(year, day).map(ReadingDate::new)
    }))
}

fn any_fields() -> impl Strategy<Value = ShelfFields> {
    let status = select(&ReadingStatus::ALL[..]);
    (status, option::of(1..=5_i64), prose(), any_date(), any_date()).prop_map(
        |(status, stars, notes, one, other)| {
            let (started_on, finished_on) = match (one, other) {
                (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
                days => days,
            };
            ShelfFields {
                status,
                rating: stars.and_then(|stars| Rating::new(stars).ok()),
                notes: notes.and_then(|notes| Notes::parse(&notes).ok()),
                started_on,
                finished_on,
            }
        },
    )
}

fn any_entry() -> impl Strategy<Value = ShelfEntry> {
    let moment = (0..1_790_000_000_000_000_i64)
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap());
    (any_book(), any_fields(), moment)
        .prop_map(|(book, fields, added_at)| entry(1, book, fields, added_at))
}

/// Reads an exported file again: the book, the fields and the time of each entry.
fn back(
    origin: Origin,
    file: &str,
) -> Result<Vec<(BookFields, ShelfFields, Option<Timestamp>)>, String> {
    let read = |row: crate::transfer::histories::HistoryRow| {
        if !row.remarks.is_empty() {
            return Err(row.remarks.to_string());
        }
        let reading = row.reading.map_err(|faults| faults.to_string())?;
        let book = reading.book.into_fields(now()).map_err(|faults| faults.to_string())?;
        Ok((book, reading.fields, reading.added_at))
    };
    rows(origin, file).into_iter().map(read).collect()
}

proptest! {
    #[test]
    fn every_exported_entry_is_imported_unchanged(
        entries in proptest::collection::vec(any_entry(), 1..4),
    ) {
        let expected: Vec<_> = entries
            .iter()
            .map(|it| (it.book.fields.clone(), it.fields.clone(), Some(it.added_at)))
            .collect();
        for format in OWN {
            let file = written(format, &entries);
            let back = back(Origin::Bookshelf, &file);
            prop_assert_eq!(back.as_ref(), Ok(&expected), "{}", file);
        }
    }

    /// Goodreads has no columns for genre, description, start and time of day.
    #[test]
    fn every_entry_keeps_through_goodreads_what_has_a_column_there(
        entries in proptest::collection::vec(any_entry(), 1..4),
    ) {
        let expected: Vec<_> = entries
            .iter()
            .map(|it| {
                let book = BookFields { genre: None, description: None, ..it.book.fields.clone() };
                let fields = ShelfFields { started_on: None, ..it.fields.clone() };
                let midnight = it.added_at.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
                (book, fields, Some(midnight))
            })
            .collect();
        let file = written(HistoryFormat::Goodreads, &entries);
        let back = back(Origin::Goodreads, &file);
        prop_assert_eq!(back.as_ref(), Ok(&expected), "{}", file);
    }
}
