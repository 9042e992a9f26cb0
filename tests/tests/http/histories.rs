//! Reading histories in and out of a shelf.

use std::fmt::Write;
use std::fs;

use bookshelf_tests::app::{Answer, App, Client};
use serde_json::{Value, json};

const IMPORT: &str = "/api/v1/shelf/import";
const EXPORT: &str = "/api/v1/shelf/export";
const CSV: &str = "text/csv";

const GOODREADS: &str = "\u{feff}Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,Binding,Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Owned Copies\n";

fn import(client: &Client, file: impl Into<Vec<u8>>) -> Answer {
    client.request("POST", IMPORT).body(CSV, file).send()
}

/// Created, updated, skipped, failed.
fn counts(answer: &Answer) -> [u64; 4] {
    let data = answer.data();
    ["created", "updated", "skipped", "failed"].map(|name| data[name].as_u64().unwrap())
}

/// The shelf by title, each entry as its status, rating and days.
fn shelf(client: &Client) -> Vec<Value> {
    let entries = client.get("/api/v1/shelf?sort=title&order=asc&per_page=100").expect(200).data();
    let entry = |entry: &Value| {
        json!([entry["book"]["title"], entry["status"], entry["rating"], entry["finished_on"]])
    };
    entries.as_array().unwrap().iter().map(entry).collect()
}

fn goodreads() -> String {
    GOODREADS.to_owned()
        + "1,\"The Lamp, Relit\",Ida Marsh,,,\"=\"\"0439023483\"\"\",\"=\"\"9780439023481\"\"\",4,4.1,Ember,,300,2012,1911,2020/01/09,2019/12/24,favorites,,read,Fine.<br/>&amp; good,,,1,0\n\
           2,The Wick,Ida Marsh,,,\"=\"\"\"\"\",\"=\"\"\"\"\",0,,,,,,,,2021/02/03,,,to-read,,,,0,0\n\
           3,Bad Number,Ida Marsh,,,0439023484,,0,,,,,,,,,,,read,,,,0,0\n"
}

#[test]
fn a_goodreads_export_is_taken_as_it_is_and_twice_changes_nothing() {
    let app = App::start();
    let ann = app.user("ann");
    let dry = ann.request("POST", &format!("{IMPORT}?dry_run=true")).body(CSV, goodreads()).send();
    assert!(dry.expect(200).json()["message"].as_str().unwrap().contains("dry run"));
    assert!(shelf(&ann).is_empty());
    let first = import(&ann, goodreads()).expect(200);
    assert_eq!(counts(&first), [2, 0, 0, 1]);
    let data = first.data();
    assert_eq!((&data["origin"], &data["errors"][0]["line"]), (&json!("goodreads"), &json!(4)));
    assert_eq!(data["ignored"]["Publisher"], 1);
    let other = "cannot keep other shelves: favorites";
    assert_eq!(data["remarks"], json!([{"line": 2, "details": {"status": [other]}}]));
    let expected = [
        json!(["The Lamp, Relit", "read", 4, "2020-01-09"]),
        json!(["The Wick", "want_to_read", null, null]),
    ];
    assert_eq!(shelf(&ann), expected);
    let before = ann.get("/api/v1/shelf").data();
    assert_eq!(before[0]["added_at"], "2021-02-03T00:00:00.000000Z");
    assert_eq!(before[1]["notes"], "Fine.\n& good");
    assert_eq!(counts(&import(&ann, goodreads())), [0, 0, 2, 1]);
    assert_eq!(ann.get("/api/v1/shelf").data(), before);
    let book = app.anonymous().get("/api/v1/books/isbn/9780439023481").expect(200).data();
    assert_eq!((&book["year"], &book["rating"]["count"]), (&json!(1911), &json!(1)));
    // Another's shelf is another's, and the books are there already.
    let bob = app.user("bob");
    assert!(shelf(&bob).is_empty());
    import(&bob.service(&["write"]), goodreads()).expect(200);
    assert_eq!(app.anonymous().get("/api/v1/books").header("x-total-count"), "2");
}

#[test]
fn a_newer_status_is_taken_and_an_older_one_is_not() {
    let app = App::start();
    let ann = app.user("ann");
    let file = |status: &str, dates: &str| {
        format!("Title,Authors,Read Status,Dates Read\nThe Lamp,Ida Marsh,{status},{dates}\n")
    };
    for (status, dates, expected) in [
        ("currently-reading", "2024/01/01-", "reading"),
        ("to-read", "", "reading"),
        ("read", "2024/01/01-2024/02/01", "read"),
        ("currently-reading", "2023/01/01-", "read"),
    ] {
        import(&ann, file(status, dates)).expect(200);
        assert_eq!(shelf(&ann)[0][1], expected, "{status} {dates}");
    }
    let skip = ann.request("POST", &format!("{IMPORT}?on_conflict=skip"));
    let skipped = skip.body(CSV, file("did-not-finish", "2026/01/01")).send();
    assert_eq!(counts(&skipped), [0, 0, 1, 0]);
}

#[test]
fn a_shelf_goes_out_and_into_another_server_and_out_again_byte_for_byte() {
    let app = App::start();
    let ann = app.user("ann");
    let mut file = goodreads();
    for number in 0..700 {
        writeln!(
            file,
            "9,'=T{number},Ida Marsh,,,,,{},,,,,,,2020/01/01,2019/01/01,,,dnf,\"a<br>@b\",,-c,0,0",
            number % 6
        )
        .unwrap();
    }
    assert_eq!(counts(&import(&ann, file)), [702, 0, 0, 1]);
    for (query, media_type, name) in [
        ("", "text/csv; charset=utf-8", "shelf.csv"),
        ("?format=ndjson", "application/x-ndjson", "shelf.ndjson"),
        ("?format=goodreads", "text/csv; charset=utf-8", "goodreads_library_export.csv"),
    ] {
        let path = format!("{EXPORT}{query}");
        let exported = ann.service(&["read"]).get(&path).expect(200);
        assert_eq!(exported.header("content-type"), media_type);
        assert!(exported.header("content-disposition").contains(name));
        let other = App::start();
        let bob = other.user("bob");
        let again = bob.request("POST", IMPORT).body(media_type, exported.body.clone()).send();
        assert_eq!(counts(&again), [702, 0, 0, 0]);
        assert_eq!(bob.get(&path).expect(200).body, exported.body, "{name}");
        assert_eq!(shelf(&bob), shelf(&ann));
    }
}

#[test]
fn old_encodings_and_tabs_are_read() {
    let app = App::start();
    let ann = app.user("ann");
    let mut file = b"Title\tPrimary Author\tCollections\tISBN\tDate Read\n".to_vec();
    file.extend(b"La lampe rallum\xe9e\tMarsh, Ida\tYour library\t[0439023483]\t[2007-05-08]\n");
    let request = ann.request("POST", IMPORT);
    let done = request.body("text/tab-separated-values; charset=iso-8859-1", file).send();
    assert_eq!(counts(&done), [1, 0, 0, 0]);
    let entry = ann.get("/api/v1/shelf").data()[0].clone();
    assert_eq!(
        (&entry["book"]["title"], &entry["book"]["author"]),
        (&json!("La lampe rallumée"), &json!("Ida Marsh"))
    );
    assert_eq!((&entry["status"], &entry["finished_on"]), (&json!("read"), &json!("2007-05-08")));
}

#[test]
fn another_encoding_is_refused_before_a_row_is_written_unless_it_is_named() {
    let app = App::start();
    let ann = app.user("ann");
    let file = b"Title,Author,Exclusive Shelf\nPlain,B,read\n\x8elut\xfd k\xf9\xf2,B,read\n";
    let refused = import(&ann, &file[..]).error(422, "validation_failed");
    assert!(refused["details"]["body"][0].as_str().unwrap().contains("windows-1250"), "{refused}");
    assert!(shelf(&ann).is_empty());
    let named = |label: &str| {
        let path = format!("{IMPORT}?charset={label}");
        ann.request("POST", &path).body(CSV, &file[..]).send()
    };
    assert_eq!(named("klingon").faults(), ["charset"]);
    assert_eq!(counts(&named("windows-1250")), [2, 0, 0, 0]);
    assert_eq!(shelf(&ann)[1][0], "Žlutý kůň");
}

#[test]
fn what_is_no_reading_history_is_refused() {
    let app = App::start();
    let ann = app.user("ann");
    for file in ["", "title,author\nA,B\n", "{"] {
        let answer = import(&ann, file);
        match file {
            "{" => assert_eq!(counts(&answer), [0, 0, 0, 1]),
            _ => assert_eq!(answer.faults(), ["body"]),
        }
    }
    let json = ann.request("POST", IMPORT).body("application/json", "{}").send();
    json.error(415, "unsupported_media_type");
    let query = ann.request("POST", &format!("{IMPORT}?dry_run=1&x=2")).body(CSV, "").send();
    assert_eq!(query.faults(), ["dry_run", "x"]);
    assert_eq!(ann.get(&format!("{EXPORT}?format=xml")).faults(), ["format"]);
    assert!(ann.get(EXPORT).expect(200).text().starts_with("title,author,"));
}

#[test]
fn the_command_line_puts_a_history_on_somebodys_shelf() {
    let app = App::start();
    let ann = app.user("ann");
    fs::write(app.program().folder().join("mine.csv"), goodreads()).unwrap();
    let import = |email: &str, more: &[&str]| {
        app.program().run(&[&["import", "--shelf-of", email, "mine.csv"], more].concat())
    };
    let dry = import("ANN@example.com", &["--dry-run"]).done();
    assert!(dry.stdout.contains("2 created, 0 updated, 0 skipped, 1 rejected"), "{dry:?}");
    assert!(dry.stderr.contains("goodreads") && dry.stderr.contains("Publisher (1)"), "{dry:?}");
    assert_eq!(shelf(&ann).len(), 0);
    import("ann@example.com", &[]).done();
    assert_eq!(shelf(&ann).len(), 2);
    assert_eq!(import("ann@example.com", &["--strict"]).code, 1);
    let nobody = import("nobody@example.com", &[]);
    assert!(nobody.code == 1 && nobody.stderr.contains("no user"), "{nobody:?}");
    assert_eq!(import("ann@example.com", &["--rejects", "r.csv"]).code, 2);
}
