//! Files of books in and out.

use std::fs;

use bookshelf_tests::app::{Answer, App, Client};
use serde_json::{Value, json};

const IMPORT: &str = "/api/v1/books/import";
const EXPORT: &str = "/api/v1/books/export";
const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";

fn import(client: &Client, media_type: &str, file: impl Into<Vec<u8>>) -> Answer {
    client.request("POST", IMPORT).body(media_type, file).send()
}

/// Created, updated, skipped, failed.
fn counts(answer: &Answer) -> [u64; 4] {
    let data = answer.data();
    ["created", "updated", "skipped", "failed"].map(|name| data[name].as_u64().unwrap())
}

/// A catalogue with everything in it that is easily lost on the way.
fn catalogue() -> String {
    let mut lines = vec![
        json!({"title": "=1+1", "author": "@SUM(A1)", "genre": "-x", "description": "+1\n'=2"}),
        json!({"title": "'Salem's Lot", "author": "Stephen \"King\"", "year": -3000}),
        json!({"title": "Комета, или два", "author": "Лев;Толстой", "isbn": "9780132350884"}),
        json!({"title": "''=1", "author": "a,b", "description": "one\r\ntwo\rthree\n\tfour"}),
        json!({"title": "\u{feff}mark", "author": "="}),
    ];
    lines.extend((0..1200).map(|number| json!({"title": format!("T{number}"), "author": "A"})));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_catalogue_goes_through_files_into_another_server_and_out_again_byte_for_byte() {
    let app = App::start();
    let admin = app.admin();
    assert_eq!(counts(&import(&admin, NDJSON, catalogue())), [1205, 0, 0, 0]);
    for (format, media_type, name) in
        [("csv", "text/csv; charset=utf-8", "books.csv"), ("ndjson", NDJSON, "books.ndjson")]
    {
        let path = format!("{EXPORT}?format={format}");
        let exported = app.user(format).get(&path).expect(200);
        assert_eq!(exported.header("content-type"), media_type);
        let disposition = format!("attachment; filename=\"{name}\"");
        assert_eq!(exported.header("content-disposition"), disposition);
        assert_eq!(exported.header("cache-control"), "no-store");
        let other = App::start();
        let admin = other.admin();
        assert_eq!(counts(&import(&admin, media_type, exported.body.clone())), [1205, 0, 0, 0]);
        assert_eq!(admin.get(&path).expect(200).body, exported.body);
        assert_eq!(counts(&import(&admin, media_type, exported.body.clone())), [0, 0, 1205, 0]);
        let update = admin.request("POST", &format!("{IMPORT}?on_conflict=update"));
        let again = update.body(media_type, exported.body.clone()).send();
        assert_eq!(counts(&again), [0, 0, 1205, 0]);
        assert_eq!(admin.get(&path).expect(200).body, exported.body);
    }
}

#[test]
fn the_answer_tells_what_became_of_every_row() {
    let app = App::start();
    let admin = app.admin();
    let file = "Title,AUTHORS,isbn13,original_publication_year,rating\n\
                Clean Code,Robert C. Martin,9780132350884,2008.0,5\n\
                ,,,soon,\n\
                Clean Code,Somebody,0132350882,,\n";
    let dry = admin.request("POST", &format!("{IMPORT}?dry_run=true")).body(CSV, file).send();
    let told = dry.expect(200);
    assert!(told.json()["message"].as_str().unwrap().contains("dry run"));
    assert_eq!(admin.get("/api/v1/books").header("x-total-count"), "0");
    let done = import(&admin, CSV, file).expect(200);
    assert_eq!(done.data(), told.data());
    assert_eq!(
        done.data(),
        json!({
            "created": 1, "updated": 0, "skipped": 1, "failed": 1, "ignored_columns": ["rating"],
            "errors": [{"line": 3, "details": {
                "title": ["is required"], "author": ["is required"], "year": ["must be an integer"],
            }}],
        })
    );
    let update = admin.request("POST", &format!("{IMPORT}?on_conflict=update&dry_run=false"));
    let updated = update.header("idempotency-key", "again").body(CSV, file).send();
    assert_eq!(counts(&updated), [0, 1, 1, 1]);
    let service = admin.service(&["admin", "write"]);
    let none = import(&service, NDJSON, "{\"title\": \"A\", \"author\": \"B\"}").data();
    assert_eq!((&none["created"], &none["errors"]), (&json!(1), &json!([])));
    assert_eq!(none.get("ignored_columns"), None);
}

#[test]
fn the_dirt_of_real_files_is_taken_or_told_by_row() {
    let app = App::start();
    let admin = app.admin();
    let mut file = b"\xef\xbb\xbftitle,author\r\n\"A \"\"1\"\"\",\"B, C\"\r\n".to_vec();
    file.extend(b"too few\r\nD,too,many\r\n\"line\r\nbreak\",E\r\n\"");
    file.resize(file.len() + 10_000_000, b'x');
    file.extend(b"\",huge\r\nH,I\r\n\"J,never closed");
    let data = import(&admin, CSV, file).expect(200).data();
    assert_eq!((&data["created"], &data["failed"]), (&json!(2), &json!(5)));
    let errors: Vec<_> = data["errors"].as_array().unwrap().iter().collect();
    let lines: Vec<_> = errors.iter().map(|error| error["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [3, 4, 5, 7, 9]);
    let told: Vec<_> = errors.iter().map(|error| error["details"].to_string()).collect();
    for (told, part) in told.iter().zip([
        "is required",
        "must have at most 2 columns, not 3",
        "must be one line",
        "must be at most 2097152 bytes",
        "quote that is never closed",
    ]) {
        assert!(told.contains(part), "{told}");
    }
    let huge = format!("{{\"title\": \"{}\"}}\nno\n[1]\n", "x".repeat(10_000_000));
    assert_eq!(counts(&import(&admin, NDJSON, huge)), [0, 0, 0, 3]);
}

#[test]
fn what_is_no_file_of_books_is_refused() {
    let app = App::start();
    let admin = app.admin();
    let good = "title,author\nA,B\n";
    for media_type in ["application/json", "text/plain", "text/csv; charset=klingon"] {
        import(&admin, media_type, good).error(415, "unsupported_media_type");
    }
    let compressed = admin.request("POST", IMPORT).header("content-encoding", "gzip");
    compressed.body(CSV, good).send().error(415, "unsupported_media_type");
    for (file, part) in [("", "empty"), ("name,author\n", "no column"), ("\u{feff}", "empty")] {
        let error = import(&admin, CSV, file).error(422, "validation_failed");
        assert!(error["details"]["body"][0].as_str().unwrap().contains(part), "{error}");
    }
    let query = format!("{IMPORT}?on_conflict=merge&dry_run=yes&page=1");
    let refused = admin.request("POST", &query).body(CSV, good).send();
    assert_eq!(refused.faults(), ["dry_run", "on_conflict", "page"]);
    assert_eq!(admin.get(&format!("{EXPORT}?format=xml&q=1")).faults(), ["format", "q"]);
    assert_eq!(admin.get("/api/v1/books").header("x-total-count"), "0");
}

#[test]
fn an_export_comes_in_the_format_that_is_asked_for() {
    let app = App::start();
    let admin = app.admin();
    let media_type = |accept: &str, query: &str| {
        let path = format!("{EXPORT}{query}");
        let answer = admin.request("GET", &path).header("accept", accept).send();
        (answer.status, answer.header("content-type").to_owned())
    };
    let csv = (200, "text/csv; charset=utf-8".to_owned());
    let ndjson = (200, NDJSON.to_owned());
    assert_eq!(media_type("*/*", ""), csv);
    assert_eq!(media_type("text/html, */*;q=0.1", ""), csv);
    assert_eq!(media_type("application/x-ndjson", ""), ndjson);
    assert_eq!(media_type("text/csv;q=0.5, application/x-ndjson", ""), ndjson);
    assert_eq!(media_type("text/csv", "?format=ndjson"), ndjson);
    let refused = admin.request("GET", EXPORT).header("accept", "application/json").send();
    refused.error(406, "not_acceptable");
    let empty = admin.get(EXPORT).expect(200);
    assert_eq!(empty.text(), "title,author,isbn,genre,year,description\n");
    assert_eq!(admin.get(&format!("{EXPORT}?format=ndjson")).expect(200).text(), "");
    let head = admin.request("HEAD", EXPORT).send().expect(200);
    assert_eq!((head.header("content-type"), head.body.len()), (csv.1.as_str(), 0));
}

/// The texts list the columns by hand, so a new column is easily missing in one of them.
#[test]
fn each_text_lists_every_column() {
    let app = App::start();
    let document: Value = app.anonymous().get("/api/v1/openapi.json").expect(200).json();
    let described = |path: &str, method: &str| document["paths"][path][method].to_string();
    let help = app.program().run(&["import", "--help"]).stdout;
    let guide =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reading-histories.md"));
    let texts = [
        described(IMPORT, "post"),
        described(EXPORT, "get"),
        described("/api/v1/shelf/export", "get"),
        help,
        guide.unwrap(),
    ];
    let columns = app.admin().get(EXPORT).expect(200).text();
    for column in columns.trim().split(',') {
        let word =
            |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == column);
        let lacking: Vec<_> = texts.iter().filter(|text| !word(text)).collect();
        assert!(lacking.is_empty(), "{column} is missing in {lacking:?}");
    }
}

#[test]
fn only_the_first_thousand_errors_are_listed() {
    let app = App::start();
    let file = format!("title,author\n{}A,B\n", ",x\n".repeat(1500));
    let data = import(&app.admin(), CSV, file).expect(200).data();
    assert_eq!((&data["created"], &data["failed"]), (&json!(1), &json!(1500)));
    assert_eq!(data["errors"].as_array().map(Vec::len), Some(1000));
    assert_eq!(data["errors"][999], json!({"line": 1001, "details": {"title": ["is required"]}}));
}

#[test]
fn the_encoding_of_a_file_is_named_by_its_media_type_or_the_query() {
    let app = App::start();
    let admin = app.admin();
    let file = |title: &[u8]| [b"title,author\n", title, b",B\n"].concat();
    let czech = file(b"\x8elut\xfd k\xf9\xf2");
    let send = |media_type: &str, query: &str, file: &[u8]| {
        admin.request("POST", &format!("{IMPORT}{query}")).body(media_type, file).send()
    };
    for (number, (media_type, query)) in [
        ("text/csv; charset=windows-1250", ""),
        ("text/csv; charset=\"CP1250\"", "?charset=windows-1250"),
        ("text/csv", "?charset=windows-1250"),
    ]
    .into_iter()
    .enumerate()
    {
        let expected = if number == 0 { [1, 0, 0, 0] } else { [0, 0, 1, 0] };
        assert_eq!(counts(&send(media_type, query, &czech)), expected, "{media_type} {query}");
    }
    assert_eq!(admin.get("/api/v1/books").data()[0]["title"], "Žlutý kůň");

    let differ = send("text/csv; charset=utf-8", "?charset=windows-1250", &czech);
    let error = differ.error(422, "validation_failed");
    let sentence = error["details"]["charset"][0].as_str().unwrap();
    assert!(sentence.contains("Content-Type"), "{sentence}");
    let error = send("text/csv; charset=klingon", "", &czech).error(415, "unsupported_media_type");
    assert!(error["message"].as_str().unwrap().contains("windows-1250"), "{error}");
    assert_eq!(send("text/csv; charset=utf-8", "?charset=klingon", &czech).faults(), ["charset"]);
    // UTF-8 that was declared is checked, as UTF-8 in the query is.
    for (media_type, query) in [("text/csv; charset=UTF-8", ""), ("text/csv", "?charset=utf-8")] {
        let error = send(media_type, query, &czech).error(422, "validation_failed");
        assert!(error["details"]["body"][0].as_str().unwrap().contains("not UTF-8"), "{error}");
    }
    let shelf = admin.request("POST", "/api/v1/shelf/import");
    let shelf = shelf.body(
        "text/csv; charset=windows-1250",
        [&b"Title,Author,Exclusive Shelf\n"[..], b"\x8elut\xfd k\xf9\xf2,B,read\n"].concat(),
    );
    assert_eq!(shelf.send().expect(200).data()["created"], 1);
    assert_eq!(admin.get("/api/v1/shelf").data()[0]["book"]["title"], "Žlutý kůň");
}
