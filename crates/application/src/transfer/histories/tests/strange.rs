use proptest::prelude::*;

use super::{HistoryRows, Origin, rows};

const HEADERS: [&str; 7] = [
    "title,author_text,remote_id,isbn_13,start_date,finish_date,rating,shelf",
    "title,author,exclusive shelf,isbn,date read,my rating,my review,bookshelves",
    "title,authors,read status,isbn/uid,dates read,star rating,review,last date read",
    "title\tprimary author\tcollections\tisbns\tdate read\trating\treview\tdate",
    "title,author,status,hardcover book id,isbn 10,date started,rating,private notes",
    "title,authors,author_sort,timestamp,identifiers,pubdate,rating,isbn",
    "title,author,status,rating,notes,started_on,finished_on,added_at",
];

proptest! {
    #[test]
    fn any_row_can_be_read(
        cells in proptest::collection::vec("[-0-9/.,;:=+'\"<&>\\[\\]xX a\u{e9}\u{202e}]{0,14}", 8),
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        for header in HEADERS {
            let separator = if header.contains('\t') { "\t" } else { "," };
            let mut file = format!("{header}\n{}\n", cells.join(separator)).into_bytes();
            file.extend(&bytes);
            let mut open = HistoryRows::open(file.as_slice(), "latin1".parse().ok()).unwrap();
            while open.next_row().unwrap().is_some() {}
        }
        if let Ok(mut open) = HistoryRows::open(bytes.as_slice(), None) {
            while open.next_row().unwrap().is_some() {}
        }
    }

    #[test]
    fn the_order_of_columns_changes_nothing(
        order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
        stars in "[0-5](\\.[0-9]{1,2})?",
        day in "20[0-2][0-9]/(0[1-9]|1[0-2])/(0[1-9]|1[0-9]|2[0-8])",
        shelf in "(to-read|read|dnf|[a-z]{1,8})",
    ) {
        let names: Vec<_> = HEADERS[1].split(',').collect();
        let cells = ["T", "A", &shelf, "0439023483", &day, &stars, "x<br/>y", "z"];
        let read = |order: &[usize], name: fn(&str) -> String| {
            let header: Vec<_> = order.iter().map(|place| name(names[*place])).collect();
            let row: Vec<_> = order.iter().map(|place| cells[*place]).collect();
            let file = format!("{}\r\n{}\r\n", header.join(","), row.join(","));
            let row = rows(Origin::Goodreads, file).remove(0);
            (super::line_of(&row), super::remarks(&row))
        };
        let in_order = read(&(0..8).collect::<Vec<_>>(), str::to_owned);
        prop_assert_eq!(read(&order, |name| format!(" {}  ", name.to_uppercase())), in_order);
    }
}
