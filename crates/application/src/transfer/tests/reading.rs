use bookshelf_domain::books::BookFields;

use super::super::{Format, Rejects, Rows, RowsError};
use super::{made, rows};

fn csv(text: &str) -> Vec<Result<BookFields, String>> {
    rows(text, Format::Csv).into_iter().map(made).collect()
}

fn ndjson(text: &str) -> Vec<Result<BookFields, String>> {
    rows(text, Format::Ndjson).into_iter().map(made).collect()
}

fn one(mut all: Vec<Result<BookFields, String>>) -> Result<BookFields, String> {
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn refusal(text: &[u8]) -> String {
    match Rows::open(text, Format::Csv, None) {
        Err(RowsError::Header(message)) => message.into_owned(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[test]
fn columns_are_found_by_name_in_any_order_and_case() {
    let book = one(csv("\u{feff}YEAR,rating,Authors,ISBN13,Title,isbn\r\n\
         2008.0,5,\"Martin, Robert C.\",9.78013235088e+12,\"Clean \"\"Code\"\"\",132350882\r\n"))
    .unwrap();
    assert_eq!(book.title.as_str(), "Clean \"Code\"");
    assert_eq!(book.author.as_str(), "Martin, Robert C.");
    assert_eq!(book.isbn.unwrap().as_str(), "9780132350884");
    assert_eq!(book.year.unwrap().get(), 2008);
    assert_eq!((book.genre, book.description), (None, None));
}

#[test]
fn an_empty_title_falls_back_to_the_original_one() {
    let text = "original_title,title,author\nLa Peste,The Plague,C\nLa Peste,,C\n";
    let titles: Vec<_> =
        csv(text).into_iter().map(|row| row.unwrap().title.into_string()).collect();
    assert_eq!(titles, ["The Plague", "La Peste"]);
}

#[test]
fn cells_of_goodreads_are_texts_that_look_like_formulas() {
    let text = "Title,Author,ISBN,ISBN13\nA,B,\"=\"\"0439023483\"\"\",\"=\"\"\"\"\"\nC,D,=\"0439023483\",\nE,F,=\"\",=\"\"\n";
    let isbns: Vec<_> =
        csv(text).into_iter().map(|row| row.unwrap().isbn.map(|isbn| isbn.to_string())).collect();
    let hunger = Some("9780439023481".to_owned());
    assert_eq!(isbns, [hunger.clone(), hunger, None]);
}

#[test]
fn a_row_whose_isbns_are_all_bad_is_rejected() {
    let fault = one(csv("title,author,isbn,isbn13\nA,B,0439023484,9780439023482\n")).unwrap_err();
    assert!(fault.contains("isbn has the wrong check digit"), "{fault}");
}

#[test]
fn all_faults_of_a_row_are_reported() {
    let long = "x".repeat(201);
    let fault = one(csv(&format!("title,author,isbn,year\n,{long},12,soon\n"))).unwrap_err();
    for part in
        ["title is required", "author must be at most 200", "isbn must have", "year must be"]
    {
        assert!(fault.contains(part), "{part}: {fault}");
    }
}

#[test]
fn a_bad_row_rejects_only_itself() {
    let mut text = b"title,author\nA,B\nonly one\nC,D,E\n\"H\n2\",I\nJ,\"K\n".to_vec();
    let found = rows(&text, Format::Csv);
    let lines: Vec<_> = found.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 7]);
    let faults: Vec<_> = found.into_iter().map(|row| made(row).err().unwrap_or_default()).collect();
    assert_eq!(faults[0], "");
    assert_eq!(faults[1], "author is required");
    assert_eq!(faults[2], "row must have at most 2 columns, not 3");
    assert!(faults[3].contains("must be one line"), "{}", faults[3]);
    assert!(faults[4].contains("quote that is never closed"), "{}", faults[4]);
    text.truncate(b"title,author\nA,B".len());
    assert_eq!(rows(&text, Format::Csv).into_iter().filter_map(|row| made(row).ok()).count(), 1);
}

#[test]
fn cells_are_separated_as_in_the_header() {
    for text in [
        "title;author;year\nA, B;C;1999\n",
        "title\tauthor\tyear\nA, B\tC\t1999\n",
        "sep=;\r\ntitle;author;year\r\n\"A, B\";C;1999\r\n",
        "title,author,year\n\"A, B\",C,1999\n",
    ] {
        let book = one(csv(text)).unwrap();
        assert_eq!((book.title.as_str(), book.year.unwrap().get()), ("A, B", 1999), "{text}");
    }
    assert_eq!(rows("sep=;\ntitle;author\nA;B\n", Format::Csv)[0].line, 3);
}

#[test]
fn missing_cells_are_empty_and_an_empty_row_is_skipped() {
    let text = "title,author,isbn,year\nA,B,9780439023481\n,,,\n \n,\"\"\nC,D,,2001,,\n";
    let found = rows(text, Format::Csv);
    assert_eq!(found.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 6]);
    assert!(found.into_iter().all(|row| made(row).is_ok()));
}

#[test]
fn text_in_another_encoding_is_decoded() {
    let titles = |bytes: &[u8], label: Option<&str>| -> Vec<_> {
        let charset = label.map(|label| label.parse().unwrap());
        let mut rows = Rows::open(bytes, Format::Csv, charset).unwrap();
        let rows = std::iter::from_fn(|| rows.next_row().unwrap());
        rows.map(|row| made(row).map(|book| book.title.into_string())).collect()
    };
    let utf_16 = "\u{feff}title,author\nŽlutý kůň,B\n".encode_utf16();
    let utf_16: Vec<_> = utf_16.flat_map(u16::to_le_bytes).collect();
    assert_eq!(titles(&utf_16, None), [Ok("Žlutý kůň".to_owned())]);
    let windows = b"title,author\n\x8elut\xfd k\xf9\xf2,B\n";
    assert_eq!(titles(windows, Some("windows-1250")), [Ok("Žlutý kůň".to_owned())]);
    // What comes after the start of the file rejects its row.
    let mut long = b"title,author\n".to_vec();
    (0..100_000).for_each(|_| long.extend(b"Long title,B\n"));
    long.extend(b"na\xefve,B\nLast,B\n");
    let found = titles(&long, None);
    assert_eq!(found.len(), 100_002);
    assert!(found[100_000].as_ref().unwrap_err().contains("not text in the encoding"));
    assert!(found[100_001].is_ok());
}

#[test]
fn a_huge_field_rejects_its_row() {
    let huge = "x".repeat(10_000_000);
    let text = format!("title,author\nA,\"{huge}\"\nB,C\n");
    let found = csv(&text);
    assert!(found[0].as_ref().unwrap_err().contains("row must be at most 2097152 bytes"));
    assert!(found[1].is_ok());
    let text = format!("{{\"title\": \"{huge}\"}}\n{{\"title\": \"B\", \"author\": \"C\"}}");
    let found = ndjson(&text);
    assert!(found[0].as_ref().unwrap_err().contains("row must be at most 2097152 bytes"));
    assert!(found[1].is_ok());
}

#[test]
fn the_line_break_does_not_count_in_the_length_of_a_row() {
    let row = r#"{"title": "A", "author": "B"}"#;
    for (bytes, fits) in [(2_097_152, true), (2_097_153, false)] {
        for line_break in ["", "\n"] {
            let padding = " ".repeat(bytes - row.len());
            let book = one(ndjson(&format!("{row}{padding}{line_break}")));
            assert_eq!(book.is_ok(), fits, "{bytes} {line_break:?}");
        }
    }
}

#[test]
fn a_file_without_the_header_of_books_is_refused() {
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"\xef\xbb\xbf").contains("empty"));
    assert!(refusal(b"name,author\nA,B\n").contains("no column \"title\""));
    assert!(refusal(b"title,isbn\n").contains("no column \"author\""));
    assert!(refusal(b"title,\"author\n").contains("no end"));
    assert!(refusal(b"title,author\nna\xefve,B\n").contains("windows-1250"));
    assert_eq!(csv("title,author\n"), []);
    assert_eq!(ndjson(""), []);
}

#[test]
fn unknown_columns_are_listed_once() {
    let text = "title,author,ratings_1, pages \nA,B,1,2\n";
    let open = Rows::open(text.as_bytes(), Format::Csv, None).unwrap();
    assert_eq!(open.unknown_columns(), ["ratings_1", "pages"]);
    let text = "title,author,pages,Pages,pages\n";
    let open = Rows::open(text.as_bytes(), Format::Csv, None).unwrap();
    assert_eq!(open.unknown_columns(), ["pages", "Pages"]);
    let (x, long) = ("x".repeat(100), "x".repeat(101));
    let names: Vec<_> = (0..200).map(|number| number.to_string()).collect();
    let text = format!("title,author,{long},{}\n", names.join(","));
    let open = Rows::open(text.as_bytes(), Format::Csv, None).unwrap();
    assert_eq!(open.unknown_columns()[..2], [&x, "0"]);
    assert_eq!(open.unknown_columns().len(), 100);
    let text = format!("{{\"{long}\":1}}\n{{\"{long}\":2,\"y\":3}}\n");
    let mut open = Rows::open(text.as_bytes(), Format::Ndjson, None).unwrap();
    while open.next_row().unwrap().is_some() {}
    assert_eq!(open.unknown_columns(), [&x, "y"]);
}

#[test]
fn a_json_object_is_read_with_the_same_names_and_repairs() {
    let book = one(ndjson(
        r#"{"Title": "A", "authors": ["B", "C"], "isbn": 439023483, "year": 2008.0, "pages": 3}"#,
    ))
    .unwrap();
    assert_eq!(book.author.as_str(), "B, C");
    assert_eq!(book.isbn.unwrap().as_str(), "9780439023481");
    assert_eq!(book.year.unwrap().get(), 2008);
    // An empty list of names is an empty cell.
    let book = one(ndjson(r#"{"title": "A", "author": [], "authors": ["B"]}"#)).unwrap();
    assert_eq!(book.author.as_str(), "B");
    // Only a cell of a table can be a neutralised formula.
    let book = one(ndjson(r#"{"title": "'=1", "author": "=\"B\"", "isbn13": 9.78e12}"#)).unwrap();
    assert_eq!((book.title.as_str(), book.author.as_str()), ("'=1", "=\"B\""));
    assert_eq!(book.isbn, None);
}

#[test]
fn a_bad_json_line_rejects_only_itself() {
    let text = b"{\"title\":1,\"author\":\"B\",\"year\":true}\n\n[1]\n{\"title\":\n{\"a\" 1}\n{\"title\":\"A\",\"author\":\"B\"}";
    let found = rows(text, Format::Ndjson);
    let lines: Vec<_> = found.iter().map(|row| row.line).collect();
    assert_eq!(lines, [1, 3, 4, 5, 6]);
    let faults: Vec<_> = found.into_iter().map(|row| made(row).err().unwrap_or_default()).collect();
    assert_eq!(faults[0], "title must be text; year must be an integer");
    assert_eq!(faults[1], "row must be a JSON object");
    assert_eq!(faults[2], "row is cut short");
    assert!(faults[3].contains("at column 6"), "{}", faults[3]);
    assert_eq!(faults[4], "");
}

fn rejected(text: &str, format: Format) -> String {
    let mut out = Vec::new();
    let mut rejects = Rejects::new(&mut out);
    let mut rows = Rows::open(text.as_bytes(), format, None).unwrap();
    while let Some(row) = rows.next_row().unwrap() {
        if let Err(faults) = row.draft {
            rejects.add(&rows, &faults).unwrap();
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn rejected_rows_are_written_as_they_were_read_with_their_faults() {
    assert_eq!(
        rejected("Title,Author\nA,B\n\"C, 1\",2,3\nD,E,F\n", Format::Csv),
        "error,Title,Author\n\
         \"row must have at most 2 columns, not 3\",\"C, 1\",2,3\n\
         \"row must have at most 2 columns, not 3\",D,E,F\n"
    );
    assert_eq!(rejected("Title,Author\nA,B\n", Format::Csv), "");
    assert_eq!(
        rejected("{\"z\":1, \"title\":\n[1]\n", Format::Ndjson),
        "{\"error\":\"row is cut short\",\"row\":\"{\\\"z\\\":1, \\\"title\\\":\"}\n\
         {\"error\":\"row must be a JSON object\",\"row\":\"[1]\"}\n"
    );
}
