use bookshelf_domain::books::{Author, Book, BookFields, Description, Genre, Isbn, Title, Year};
use proptest::prelude::*;

use super::super::{BookExport, Format, ImportOptions, Rows};
use super::{made, rows, transfer};
use crate::tests::{admin_writer, book, book_fields, now, reader};

async fn written(mut export: BookExport) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some((piece, _)) = export.next_piece().await.unwrap() {
        text.extend(piece);
    }
    text
}

fn export(books: Vec<Book>, format: Format) -> Vec<u8> {
    let (transfer, catalogue) = transfer();
    *catalogue.lock().unwrap() = books;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(written(transfer.export(&reader(), format)))
}

fn fields(title: &str) -> BookFields {
    book_fields(title, "Ann")
}

#[test]
fn an_export_has_the_fields_that_an_import_reads() {
    let full = BookFields {
        isbn: Some(Isbn::parse("0132350882").unwrap()),
        genre: Some(Genre::parse("@home").unwrap()),
        year: Some(Year::new(-720, now()).unwrap()),
        description: Some(Description::parse("Two\r\nlines, \"quoted\"").unwrap()),
        ..fields("=1+1")
    };
    let books = vec![book(1, full), book(2, fields("B"))];
    assert_eq!(
        String::from_utf8(export(books.clone(), Format::Csv)).unwrap(),
        "title,author,isbn,genre,year,description\n\
         '=1+1,Ann,9780132350884,'@home,-720,\"Two\r\nlines, \"\"quoted\"\"\"\n\
         B,Ann,,,,\n"
    );
    assert_eq!(
        String::from_utf8(export(books, Format::Ndjson)).unwrap(),
        "{\"title\":\"=1+1\",\"author\":\"Ann\",\"isbn\":\"9780132350884\",\"genre\":\"@home\",\"year\":-720,\"description\":\"Two\\r\\nlines, \\\"quoted\\\"\"}\n\
         {\"title\":\"B\",\"author\":\"Ann\",\"isbn\":null,\"genre\":null,\"year\":null,\"description\":null}\n"
    );
}

#[test]
fn the_export_of_an_empty_catalogue_has_a_header() {
    let text = export(vec![], Format::Csv);
    assert_eq!(text, b"title,author,isbn,genre,year,description\n");
    assert_eq!(rows(&text, Format::Csv).len(), 0);
    assert_eq!(export(vec![], Format::Ndjson), b"");
}

#[tokio::test]
async fn an_exported_catalogue_is_imported_unchanged() {
    for format in [Format::Csv, Format::Ndjson] {
        let (from, catalogue) = transfer();
        *catalogue.lock().unwrap() =
            (1..=1100).map(|id| book(id, fields(&format!("Title {id}")))).collect();
        let text = written(from.export(&reader(), format)).await;
        let (to, copy) = transfer();
        let mut import = to.import(&admin_writer(), ImportOptions::default());
        for row in rows(&text, format) {
            assert_eq!(import.add(row).await.unwrap(), None);
        }
        import.finish().await.unwrap();
        assert_eq!(import.into_outcome().created, 1100);
        assert_eq!(*copy.lock().unwrap(), *catalogue.lock().unwrap());
        assert_eq!(written(to.export(&reader(), format)).await, text);
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof!["[-'=+@＝＋－＠\",;|a ]{1,12}", "\\PC{1,40}"]
}

pub(in crate::transfer) fn any_book() -> impl Strategy<Value = BookFields> {
    let isbn = proptest::option::of("[0-9]{9}");
    let prose = proptest::option::of(prop_oneof!["[-'=+@＝＋－＠\",\r\n\ta]{1,12}", "[^\0]{1,60}"]);
    let year = proptest::option::of(-3000..=2031_i64);
    (line(), line(), isbn, proptest::option::of(line()), year, prose).prop_filter_map(
        "not a book",
        |(title, author, isbn, genre, year, description)| {
            Some(BookFields {
                title: Title::parse(&title).ok()?,
                author: Author::parse(&author).ok()?,
                isbn: isbn.and_then(|nine| {
                    "0123456789X".chars().find_map(|d| Isbn::parse(&format!("{nine}{d}")).ok())
                }),
                genre: genre.and_then(|text| Genre::parse(&text).ok()),
                year: year.and_then(|year| Year::new(year, now()).ok()),
                description: description.and_then(|text| Description::parse(&text).ok()),
            })
        },
    )
}

proptest! {
    #[test]
    fn every_exported_book_is_imported_unchanged(
        all in proptest::collection::vec(any_book(), 1..5),
    ) {
        let books: Vec<_> = (1..).zip(&all).map(|(id, fields)| book(id, fields.clone())).collect();
        for format in [Format::Csv, Format::Ndjson] {
            let text = export(books.clone(), format);
            let back: Result<Vec<_>, _> = rows(&text, format).into_iter().map(made).collect();
            prop_assert_eq!(back.as_ref(), Ok(&all), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut text = b"title,author\n".to_vec();
        text.extend(bytes);
        for format in [Format::Csv, Format::Ndjson] {
            // Bytes that are not UTF-8 are refused.
            if let Ok(mut rows) = Rows::open(text.as_slice(), format, None) {
                while rows.next_row().unwrap().is_some() {}
            }
        }
    }
}
