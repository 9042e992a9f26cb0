use super::{HistoryRows, Origin, line_of, remarks, rows};
use crate::transfer::RowsError;

const GOODREADS_24: &str = "\u{feff}Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,Binding,Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Owned Copies\r\n";

#[test]
fn the_24_columns_of_goodreads() {
    let file = GOODREADS_24.to_owned()
        + r#"1,"The Lamp, Relit (Lamps #2)",Ida Marsh,"Marsh, Ida",Bo Ek,"=""0439023483""","=""9780439023481""",4,4.1,Ember,Paperback,300,2012,1911,2020/01/09,2019/12/24,favorites,favorites (#3),read,"Fine.<br/><br/>""Really"" &amp; truly
on two lines",,lent to Bo,1,0"#
        + "\r\n"
        + r#"2,Untouched,Ida Marsh,,,"=""""","=""""",0,,,,,,,,2021/02/03,to-read,to-read (#1),to-read,,,,0,0"#
        + "\r\n"
        + r#"3,Half Way,Ida Marsh,,,="0439023483",,0,,,,,2001,,,2021/02/03,,,Currently-Reading,,,,0,0"#
        + "\r\n"
        + r#"4,Given Up,Ida Marsh,,,439023483,,1,,,,,,,,2021/02/03,,,dnf,,,,0,0"#
        + "\r\n"
        + r#"5,Own Words,Ida Marsh,,,,,3,,,,,soon,,2021/05/06,2021/02/03,,,comfort-reads,,,,0,0"#
        + "\r\n"
        + r#"6,Nowhere,Ida Marsh,,,,,9,,,,,,,2021,2021/02/31,,,,,,,0,0"#
        + "\r\n"
        + "7,Short,row\r\n"
        + r#"8,Bad Number,Ida Marsh,,,0439023484,,0,,,,,,,,,,,read,,,,0,0"#
        + "\r\n";
    let rows = rows(Origin::Goodreads, file);
    let expected = [
        "Ida Marsh: The Lamp, Relit (Lamps #2), 9780439023481 1911 | read 4 -..2020-01-09 +2019-12-24 \"Fine.\\n\\n\\\"Really\\\" & truly\\non two lines\\n\\nlent to Bo\"",
        "Ida Marsh: Untouched, - - | want_to_read 0 -..- +2021-02-03 \"\"",
        "Ida Marsh: Half Way, 9780439023481 2001 | reading 0 -..- +2021-02-03 \"\"",
        "Ida Marsh: Given Up, 9780439023481 - | abandoned 1 -..- +2021-02-03 \"\"",
        "Ida Marsh: Own Words, - - | read 3 -..2021-05-06 +2021-02-03 \"\"",
        "Ida Marsh: Nowhere, - - | read 0 -..- +- \"\"",
        "row: Short, - - | want_to_read 0 -..- +- \"\"",
        "isbn has the wrong check digit: the last digit should be 3, not 4",
    ];
    for (row, expected) in rows.iter().zip(expected) {
        let line = line_of(row);
        assert!(line == expected || line.starts_with("isbn has the wrong check digit"), "{line}");
    }
    assert_eq!(rows.len(), expected.len());
    assert_eq!(rows[1].line, 4);
    assert_eq!(remarks(&rows[0]), "status cannot keep other shelves: favorites");
    assert_eq!(remarks(&rows[1]), "");
    assert_eq!(
        remarks(&rows[4]),
        "status \"comfort-reads\" is not a status and was taken as read; \
         year \"soon\" is not a year and was left out"
    );
    assert_eq!(
        remarks(&rows[5]),
        "added_at \"2021/02/31\" is not a date and was left out; \
         finished_on \"2021\" has no day and was left out; \
         rating \"9\" is not a number of stars from 0 to 5 and was left out"
    );
}

#[test]
fn the_31_columns_of_goodreads_in_another_order_and_case() {
    let file = "BCID,condition description,Condition,Original Purchase Location,Original Purchase Date,owned copies,Recommended By,Recommended For, exclusive shelf ,TITLE,author,My Rating\n\
                ,worn,good,Oslo,,1,Bo,,READ,The Lamp,Ida Marsh,5\n\
                ,,,Rome,,0,,,read,The Wick,Ida Marsh,5\n";
    let mut open = HistoryRows::open(file.as_bytes(), None).unwrap();
    while let Some(row) = open.next_row().unwrap() {
        assert!(line_of(&row).contains("| read 5"));
    }
    let ignored: Vec<_> =
        open.ignored_columns().iter().map(|(name, rows)| (&**name, *rows)).collect();
    let expected = [
        ("Condition", 1),
        ("Original Purchase Location", 2),
        ("Recommended By", 1),
        ("condition description", 1),
        ("owned copies", 1),
    ];
    assert_eq!(ignored, expected);
}

#[test]
fn an_ignored_column_with_a_long_name_is_counted() {
    let name = "x".repeat(101);
    let file = format!("title,author,status,{name}\nA,B,,1\nC,D,,2\n");
    let mut open = HistoryRows::open(file.as_bytes(), None).unwrap();
    while open.next_row().unwrap().is_some() {}
    let ignored: Vec<_> = open.ignored_columns().iter().collect();
    assert_eq!(ignored, [(&name[..100].to_owned(), &2)]);
}

#[test]
fn the_columns_of_storygraph() {
    let file = "Title,Authors,Contributors,ISBN/UID,Format,Read Status,Date Added,Last Date Read,Dates Read,Read Count,Moods,Pace,Character- or Plot-Driven?,Strong Character Development?,Loveable Characters?,Diverse Characters?,Flawed Characters?,Star Rating,Review,Content Warnings,Content Warning Description,Tags,Owned?\n\
        The Lamp,\"Ida Marsh, Bo Ek\",\"\",9780439023481,paperback,read,2025/05/30,2025/06/10,\"2019/01/01-2019/02/02, 2025/06/01-2025/06/10\",2,,,,,,,,3.5,<div>Warm.</div>,,,,No\n\
        The Wick,Ida Marsh,,0-439-02348-3,,currently-reading,2025/05/30,,2025/06/01-,0,,,,,,,,4.25,,,,,No\n\
        Smoke,Ida Marsh,,8b9a6c1d-77,,did-not-finish,2025/05/30,,2025/06/03,0,,,,,,,,4.75,,,,,No\n\
        Ash,Ida Marsh,,,,to-read,,,,0,,,,,,,,0.25,,,,,No\n\
        Ash,,,,,to-read,,,,0,,,,,,,,,,,,,No\n";
    let rows = rows(Origin::StoryGraph, file);
    let expected = [
        "Ida Marsh, Bo Ek: The Lamp, 9780439023481 - | read 4 2025-06-01..2025-06-10 +2025-05-30 \"Warm.\"",
        "Ida Marsh: The Wick, 9780439023481 - | reading 4 2025-06-01..- +2025-05-30 \"\"",
        "Ida Marsh: Smoke, - - | abandoned 5 -..2025-06-03 +2025-05-30 \"\"",
        "Ida Marsh: Ash, - - | want_to_read 1 -..- +- \"\"",
        "author is required",
    ];
    assert_eq!(rows.iter().map(line_of).collect::<Vec<_>>(), expected);
    assert_eq!(
        remarks(&rows[0]),
        "rating was rounded from 3.5 to 4; \
         started_on keeps only the last of several readings, not \"2019/01/01-2019/02/02\""
    );
    assert_eq!(remarks(&rows[1]), "rating was rounded from 4.25 to 4");
    assert!(remarks(&rows[2]).contains("isbn \"8b9a6c1d-77\" is not an ISBN"));
    assert_eq!(remarks(&rows[4]), "");
}

#[test]
fn the_columns_of_librarything() {
    let mut file = b"Book Id\tTitle\tPrimary Author\tDate\tReview\tRating\tPrivate Comment\tDate Started\tDate Read\tTags\tCollections\tISBN\tISBNs\tEntry Date\n".to_vec();
    file.extend(b"1\tLa lampe rallum\xe9e\tMarsh, Ida\t1979\tchef d'\x9cuvre\t4.5\t\t[2007-04-16]\t[2007-05-08]\troman\tYour library, Attic\t[0439023483]\t0439023483, 9780439023481\t[2006-08-09]\n");
    file.extend("2\t\"Surely\" it burns\tZoë\tca. 1900\t\t5\tfrom \"Bo\"\t\t\t\tTo read, Your library\t\t\t\n".as_bytes());
    file.extend(b"3\t\"Open\tMarsh, Ida\t\t\t\t\t[2007-04-16]\t\t\tYour library\t[]\t\t\n");
    file.extend(b"4\tSeen\tMarsh, Ida\t\t\t\t\t\t\t\tRead but unowned\t\t\t\n");
    let rows = rows(Origin::LibraryThing, file);
    let expected = [
        "Ida Marsh: La lampe rallumée, 9780439023481 1979 | read 5 2007-04-16..2007-05-08 +2006-08-09 \"chef d'œuvre\"",
        "Zoë: \"Surely\" it burns, - - | want_to_read 5 -..- +- \"from \\\"Bo\\\"\"",
        "Ida Marsh: \"Open, - - | reading 0 2007-04-16..- +- \"\"",
        "Ida Marsh: Seen, - - | read 0 -..- +- \"\"",
    ];
    assert_eq!(rows.iter().map(line_of).collect::<Vec<_>>(), expected);
    assert_eq!(
        remarks(&rows[0]),
        "rating was rounded from 4.5 to 5; status cannot keep other collections: Attic"
    );
    assert_eq!(remarks(&rows[1]), "year \"ca. 1900\" is not a year and was left out");
}

#[test]
fn the_columns_of_hardcover() {
    let file = "Title,Author,Series,Status,Privacy,Hardcover Book ID,Hardcover Edition ID,ISBN 10,ISBN 13,ASIN,Date Added,Date Started,Date Finished,Rating,Review,Private Notes\n\
        The Lamp,\"Ida Marsh, Bo Ek (Translator)\",,Read,Public,1,2,0439023483,,,2024-01-02,2024-02-03,2024-03-04,4.5,Good &amp; long,lent\n\
        The Wick,Bo Ek (Editor),,Stopped,Public,1,2,B00ABCDEFG,,B00ABCDEFG,2024-01-02,,,,,\n\
        Smoke,Ida Marsh,,Want to Read,Public,1,2,,9780439023481,,,,,,,\n\
        Ash,Ida Marsh,,Currently Reading,Public,1,2,,,,,2024-03-04,2024-02-03,,,\n";
    let rows = rows(Origin::Hardcover, file);
    let expected = [
        "Ida Marsh: The Lamp, 9780439023481 - | read 5 2024-02-03..2024-03-04 +2024-01-02 \"Good & long\\n\\nlent\"",
        "Bo Ek (Editor): The Wick, - - | abandoned 0 -..- +2024-01-02 \"\"",
        "Ida Marsh: Smoke, 9780439023481 - | want_to_read 0 -..- +- \"\"",
        "Ida Marsh: Ash, - - | reading 0 -..2024-02-03 +- \"\"",
    ];
    assert_eq!(rows.iter().map(line_of).collect::<Vec<_>>(), expected);
    assert_eq!(remarks(&rows[1]), "");
    assert_eq!(remarks(&rows[3]), "started_on 2024-03-04 is after finished_on and was left out");
}

#[test]
fn the_columns_of_calibre() {
    let file = "authors,author_sort,rating,library_name,timestamp,formats,size,isbn,identifiers,comments,tags,series,series_index,languages,title,cover,title_sort,publisher,pubdate,id,uuid\n\
        \"Ida Marsh & Bo Ek\",\"Marsh, Ida\",\"5\",\"Home\",\"2021-01-19T22:41:16+01:00\",\"epub\",\"1\",\"\",\"goodreads:7,isbn:9780439023481\",\"A blurb\",\"x\",\"\",\"1.0\",\"eng\",\"The Lamp\",\"/c.jpg\",\"Lamp, The\",\"Ember\",\"2019-03-05T01:00:00+01:00\",\"8\",\"u\"\n\
        Ida Marsh,,,Home,,,,,,,,,,,The Wick,,,,0101-01-01T00:00:00+00:00,9,u\n";
    let rows = rows(Origin::Calibre, file);
    let expected = [
        "Ida Marsh, Bo Ek: The Lamp, 9780439023481 2019 | want_to_read 5 -..- +2021-01-19 \"\"",
        "Ida Marsh: The Wick, - - | want_to_read 0 -..- +- \"\"",
    ];
    assert_eq!(rows.iter().map(line_of).collect::<Vec<_>>(), expected);
}

#[test]
fn the_own_format_of_bookshelf() {
    let file = "title,author,isbn,genre,year,description,status,rating,notes,started_on,finished_on,added_at\n\
        '=1+1,Ida Marsh,9780439023481,Novel,1911,,read,4,\"'-x <br/>\n&amp;\",2020-01-01,2020-01-09,2019-12-24T10:00:00.000001Z\n\
        The Wick,Ida Marsh,,,,,,,,,,\n\
        Smoke,Ida Marsh,,,soon,,burnt,3.5,,2020-01-09,2020-01-01,yesterday\n";
    let csv = rows(Origin::Bookshelf, file);
    let expected = [
        "Ida Marsh: =1+1, 9780439023481 1911 | read 4 2020-01-01..2020-01-09 +2019-12-24 \"-x <br/>\\n&amp;\"",
        "Ida Marsh: The Wick, - - | want_to_read 0 -..- +- \"\"",
        "added_at must be an RFC 3339 timestamp; finished_on must not be before started_on; \
         rating must be between 1 and 5; \
         status must be \"want_to_read\", \"reading\", \"read\" or \"abandoned\"",
    ];
    assert_eq!(csv.iter().map(line_of).collect::<Vec<_>>(), expected);
    let file = r#"{"title": "=1+1", "author": "Ida Marsh", "isbn": "9780439023481", "year": 1911, "status": "read", "rating": 4, "notes": "'-x", "started_on": null, "shelf": "x"}

        {"title": "A", "author": ["B", "C"], "shelf": {}, "extra": {"a": 1}, "more": true}
        {"title": ["A"], "author": {"name": "B"}, "status": "burnt", "extra": 1}
        {"title": "A""#;
    let mut open = HistoryRows::open(file.as_bytes(), None).unwrap();
    let ndjson: Vec<_> = std::iter::from_fn(|| open.next_row().unwrap()).collect();
    let expected = [
        "Ida Marsh: =1+1, 9780439023481 1911 | read 4 -..- +- \"'-x\"",
        "B, C: A, - - | want_to_read 0 -..- +- \"\"",
        "author must be text or a number; title must be text or a number",
        "row is cut short",
    ];
    assert_eq!(ndjson.iter().map(line_of).collect::<Vec<_>>(), expected);
    assert_eq!(ndjson.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3, 4, 5]);
    let ignored = [("extra", 2), ("more", 1), ("shelf", 2)];
    assert_eq!(*open.ignored_columns(), ignored.map(|(name, rows)| (name.to_owned(), rows)).into());
}

#[test]
fn an_unknown_header_is_refused() {
    for (file, part) in [
        ("", "empty"),
        ("title,author\nA,B\n", "not that of a reading history"),
        ("a\tb\n", "not that of a reading history"),
        ("title,\"author", "no end"),
    ] {
        match HistoryRows::open(file.as_bytes(), None) {
            Err(RowsError::Header(why)) => assert!(why.contains(part), "{why}"),
            _ => panic!("{file}"),
        }
    }
}

#[test]
fn notes_that_are_too_long_are_cut_with_a_remark() {
    let file = format!("Title,Author,Exclusive Shelf,My Review\nA,B,read,{}\n", "é".repeat(10_001));
    let rows = rows(Origin::Goodreads, file);
    assert_eq!(remarks(&rows[0]), "notes keeps the first 10000 of 10001 characters");
    let notes = rows[0].reading.as_ref().unwrap().fields.notes.as_ref().unwrap();
    assert_eq!(notes.as_str().chars().count(), 10_000);
}

#[test]
fn a_review_of_one_mebibyte_of_marks_is_cut() {
    let file =
        format!("Title,Author,Exclusive Shelf,My Review\nA,B,read,{}\n", "&".repeat(1024 * 1024));
    let rows = rows(Origin::Goodreads, file);
    assert_eq!(remarks(&rows[0]), "notes keeps the first 10000 of 1048576 characters");
}

const GOODREADS: &str = "Title,Author,Exclusive Shelf,Date Read,My Rating\n";

fn read(rows_of_goodreads: &str) -> Vec<(String, String)> {
    let rows = rows(Origin::Goodreads, format!("{GOODREADS}{rows_of_goodreads}"));
    rows.iter().map(|row| (line_of(row), remarks(row))).collect()
}

#[test]
fn the_reading_that_ends_last_is_taken_from_a_cell_in_any_order() {
    let header = "Title,Authors,Read Status,Last Date Read,Dates Read\n";
    let file = header.to_owned()
        + "A,B,read,2024/03/02,\"2024/02/20-2024/03/02, 2022/07/01\"\n\
           A,B,read,2024/03/02,\"2021/02/20-2021/03/02\"\n\
           A,B,currently-reading,2021/03/02,\"2024/05/01-, 2021/02/20-2021/03/02\"\n";
    let rows = rows(Origin::StoryGraph, file);
    let days = ["2024-02-20..2024-03-02", "-..2024-03-02", "2024-05-01..-"];
    for (row, days) in rows.iter().zip(days) {
        assert!(line_of(row).contains(days), "{} {days}", line_of(row));
        assert!(remarks(row).contains("keeps only the last of several readings"));
    }
}

#[test]
fn a_date_without_a_day_keeps_the_status_that_it_implies() {
    let file = "Title\tPrimary Author\tCollections\tDate Started\tDate Read\n\
        A\tB\tYour library\t[2011-02-03]\t[2011-04]\n\
        C\tD\tYour library\t[2011]\t\n";
    let rows = rows(Origin::LibraryThing, file);
    assert!(line_of(&rows[0]).contains("read 0 2011-02-03..-"));
    assert_eq!(remarks(&rows[0]), "finished_on \"[2011-04]\" has no day and was left out");
    assert!(line_of(&rows[1]).contains("reading 0 -..-"));
}

#[test]
fn other_rows_of_a_file_show_the_order_of_day_and_month() {
    let file = read("A,B,read,3/4/2021,\nC,D,read,3/27/2021,\n");
    assert!(file[0].0.contains("..2021-03-04"), "{}", file[0].0);
    assert!(file[1].0.contains("..2021-03-27"));
    let unknown = read("A,B,,3/4/2021,\nC,D,read,44282,\nE,F,read,\"2020/01/01, 2021/03/04\",\n");
    assert!(unknown[0].0.contains("read 0 -..-"));
    assert!(unknown[0].1.contains("the order of day and month is not known"));
    assert!(unknown[1].0.contains("..2021-03-27"));
    assert!(unknown[2].0.contains("..2021-03-04"));
    assert!(unknown[2].1.contains("keeps only the last day of"));
}

#[test]
fn a_title_that_is_too_long_is_cut_with_a_remark() {
    let found = read(&format!("{},B,read,,5\n", "é".repeat(201)));
    assert!(found[0].0.contains("| read 5"), "{}", found[0].0);
    assert_eq!(found[0].1, "title keeps the first 200 of 201 characters");
}

#[test]
fn a_placeholder_is_not_taken_as_an_isbn() {
    let file =
        "Title,Authors,Read Status,ISBN/UID\nA,B,read,0000000000\nC,D,read,0439023483 (pbk.)\n";
    let rows = rows(Origin::StoryGraph, file);
    assert!(line_of(&rows[0]).contains("isbn is a placeholder"));
    assert!(line_of(&rows[1]).contains("9780439023481"));
}

#[test]
fn statuses_are_mapped_by_their_meaning() {
    let file = "Title,Author,Status,Hardcover Book ID\nA,B,Paused,1\nC,D,Ignored,2\n";
    let found = rows(Origin::Hardcover, file);
    assert!(line_of(&found[0]).contains("| reading"));
    assert_eq!(remarks(&found[0]), "status \"Paused\" was taken as reading");
    assert!(line_of(&found[1]).contains("| abandoned"));
    let file = "Title\tPrimary Author\tCollections\nA\tB\tYour library, Read\nC\tD\tTo read, Did not finish\n";
    let found = rows(Origin::LibraryThing, file);
    assert!(line_of(&found[0]).contains("| read"));
    assert!(line_of(&found[1]).contains("| abandoned"));
    assert_eq!(remarks(&found[0]) + &remarks(&found[1]), "");
}

#[test]
fn the_columns_of_bookwyrm() {
    let file = "title,author_text,remote_id,isbn_10,isbn_13,start_date,finish_date,stopped_date,rating,review_name,review_cw,review_content,review_published,shelf,shelf_name,shelf_date\n\
        The Lamp,Ida Marsh,https://x/1,,9780439023481,2024-02-03,2024-03-04,,4.0,Warm,,<p>Fine</p>,,read,Read,2024-03-04\n\
        The Wick,Ida Marsh,https://x/2,0439023483,,2024-02-03,,2024-02-05,,,,,,stopped-reading,Stopped,\n\
        Smoke,Ida Marsh,https://x/3,,,,,,,,,,,to-read,To Read,\n";
    let rows = rows(Origin::BookWyrm, file);
    let expected = [
        "Ida Marsh: The Lamp, 9780439023481 - | read 4 2024-02-03..2024-03-04 +2024-03-04 \"Warm\\n\\nFine\"",
        "Ida Marsh: The Wick, 9780439023481 - | abandoned 0 2024-02-03..2024-02-05 +- \"\"",
        "Ida Marsh: Smoke, - - | want_to_read 0 -..- +- \"\"",
    ];
    assert_eq!(rows.iter().map(line_of).collect::<Vec<_>>(), expected);
}

#[test]
fn a_file_in_another_encoding_is_refused_unless_it_is_named() {
    let file = b"Title,Author,Exclusive Shelf\n\x8elut\xfd,B,read\n";
    let refused = HistoryRows::open(&file[..], None).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("windows-1250"), "{refused}");
    let mut rows = HistoryRows::open(&file[..], "windows-1250".parse().ok()).unwrap();
    assert!(line_of(&rows.next_row().unwrap().unwrap()).contains("Žlutý"));
}
