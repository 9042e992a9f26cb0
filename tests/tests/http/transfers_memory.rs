//! Files that were made to take much memory, imported within a bound.
#![cfg(target_os = "linux")]

use bookshelf_tests::app::App;

const MIB: usize = 1024 * 1024;
const BOOKS: &str = "/api/v1/books/import";
const SHELF: &str = "/api/v1/shelf/import";
const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";

fn repeated(head: &str, row: &str, count: usize) -> String {
    head.to_owned() + &row.repeat(count)
}

#[test]
fn no_file_takes_much_memory() {
    let nested =
        format!("{{\"title\":\"A\",\"author\":\"B\",\"x\":[{}0]}}\n", r#"{"":0},"#.repeat(140_000));
    let members: String = (0..90_000).map(|number| format!(",\"{number}\":1")).collect();
    let members = format!("{{\"title\":\"A\",\"author\":\"B\"{members}}}\n");
    let wrong: String = (0..1000).map(|n| format!(",\"{n}{}\":[]", "n".repeat(1000))).collect();
    let wrong = format!("{{\"title\":\"A\",\"author\":\"B\",\"status\":\"read\"{wrong}}}\n");
    let ranges = format!("A,B,read,\"{}\"\n", "x,".repeat(500_000));
    let header = format!("title,author,{}\n{}", "x".repeat(MIB - 100), "A,B,c\n".repeat(30));
    let mut named = header.into_bytes();
    named.extend(b"A,B,\xff\n".repeat(1000));
    for (what, path, media_type, file) in [
        ("nested values", BOOKS, NDJSON, repeated("", &nested, 4).into_bytes()),
        ("many members", BOOKS, NDJSON, repeated("", &members, 4).into_bytes()),
        ("a long line", BOOKS, NDJSON, repeated("", "x", 50 * MIB).into_bytes()),
        ("an open quote", BOOKS, CSV, repeated("title,author\n\"", "x", 50 * MIB).into_bytes()),
        ("a long name of a column", BOOKS, CSV, named),
        ("many wrong members", SHELF, NDJSON, repeated("", &wrong, 50).into_bytes()),
        (
            "many wrong dates",
            SHELF,
            CSV,
            repeated("Title,Authors,Read Status,Dates Read\n", &ranges, 20).into_bytes(),
        ),
    ] {
        // A server of its own, because the most memory since its start is measured.
        let app = App::start();
        let admin = app.admin();
        let before = app.peak_memory();
        let answer = admin.request("POST", path).body(media_type, file).send().expect(200);
        let grown = app.peak_memory() - before;
        assert!(grown < 64 * MIB as u64, "{what}: {} MiB", grown / MIB as u64);
        assert!(answer.body.len() < 10 * MIB, "{what}: {} bytes", answer.body.len());
    }
}
