//! Any file can be read as a reading history. The first byte chooses the header of a format, so that
//! each of them is reached.
#![no_main]

use bookshelf_application::transfer::histories::HistoryRows;
use libfuzzer_sys::fuzz_target;

const HEADERS: [&str; 8] = [
    "",
    "Title,Author,ISBN,ISBN13,My Rating,Date Read,Date Added,Exclusive Shelf,My Review\n",
    "Title,Authors,ISBN/UID,Read Status,Last Date Read,Dates Read,Star Rating,Review\n",
    "Title\tPrimary Author\tISBN\tRating\tReview\tDate Started\tDate Read\tCollections\n",
    "Title,Author,Hardcover Book ID,ISBN 13,Status,Rating,Review,Date Finished\n",
    "title,author_text,remote_id,isbn_13,shelf_name,rating,review_content,finish_date\n",
    "title,authors,author_sort,timestamp,isbn,rating,comments,pubdate\n",
    "title,author,isbn,genre,year,status,rating,notes,started_on,finished_on\n",
];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, rest) = input;
    let header = HEADERS[usize::from(choice) % HEADERS.len()];
    let file = [header.as_bytes(), rest].concat();
    let Ok(mut rows) = HistoryRows::open(file.as_slice(), None) else { return };
    let mut last_line = 0;
    while let Ok(Some(row)) = rows.next_row() {
        assert!(row.line > last_line, "every row begins on a later line");
        last_line = row.line;
    }
});
