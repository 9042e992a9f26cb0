//! The setting that lets only admins write the catalogue, from outside.

use bookshelf_tests::app::{Answer, App, Client};
use bookshelf_tests::images::png;
use serde_json::{Value, json};

fn app() -> App {
    App::with(&[("BOOKSHELF_CATALOGUE_WRITES", "admins")])
}

fn book(title: &str) -> Value {
    json!({"title": title, "author": "B"})
}

/// Sends every request that adds or changes a book, for the book at this address.
fn write_all(client: &Client, address: &str) -> [Answer; 4] {
    let cover = client.request("PUT", &format!("{address}/cover"));
    [
        client.post("/api/v1/books", book("A")),
        client.put(address, book("B")),
        client.patch(address, json!({"title": "C"})),
        cover.body("image/png", png(3, 3)).send(),
    ]
}

#[test]
fn only_admins_add_and_change_books_and_covers() {
    let app = app();
    let (admin, ann) = (app.admin(), app.user("ann"));
    let made = admin.post("/api/v1/books", book("A")).expect(201);
    let address = made.header("location");
    for client in [&ann, &ann.service(&["write"]), &admin.service(&["read", "write"])] {
        for answer in write_all(client, address) {
            let error = answer.error(403, "admin_required");
            assert_eq!(error["details"]["permission"], json!(["admin"]));
            assert!(error["message"].as_str().unwrap().contains("Only admins"), "{error}");
        }
    }
    for client in [&admin, &admin.service(&["admin", "write"])] {
        for answer in write_all(client, address) {
            assert!([200, 201].contains(&answer.status), "{}", answer.text());
        }
    }
    ann.get(address).expect(200);
}

#[test]
fn users_keep_shelves_of_the_books_that_admins_added() {
    let app = app();
    let (admin, ann) = (app.admin(), app.user("ann"));
    let isbn = "9780132350884";
    let known = json!({"title": "Clean Code", "author": "Robert C. Martin", "isbn": isbn});
    let made = admin.post("/api/v1/books", known.clone()).expect(201).data();

    for unknown in [book("A"), json!({"title": "A", "author": "B", "isbn": "9780306406157"})] {
        let error =
            ann.post("/api/v1/shelf", json!({"book": unknown})).error(403, "admin_required");
        assert_eq!(error["details"]["permission"], json!(["admin"]));
    }
    let entry = ann.post("/api/v1/shelf", json!({"book": known, "rating": 4})).expect(201);
    assert_eq!(entry.data()["book"]["id"], made["id"]);
    ann.patch(entry.header("location"), json!({"rating": 5})).expect(200);
    ann.post("/api/v1/shelf", json!({"book": known})).error(409, "already_on_shelf");
    admin.post("/api/v1/shelf", json!({"book": book("A")})).expect(201);
}

const HISTORY: &str = "title,author,isbn,status\n\
    Clean Code,Robert C. Martin,9780132350884,read\n\
    Unknown,B,,read\n\
    Emma,jane austen,,reading\n";

fn import(client: &Client, query: &str) -> Value {
    let path = format!("/api/v1/shelf/import{query}");
    client.request("POST", &path).body("text/csv", HISTORY).send().expect(200).data()
}

#[test]
fn an_import_of_a_shelf_rejects_the_books_that_the_catalogue_does_not_have() {
    let app = app();
    let (admin, ann) = (app.admin(), app.user("ann"));
    let isbn = json!({"title": "X", "author": "Y", "isbn": "9780132350884"});
    admin.post("/api/v1/books", isbn).expect(201);
    admin.post("/api/v1/books", json!({"title": "Emma", "author": "Jane Austen"})).expect(201);
    for query in ["?dry_run=true", ""] {
        let report = import(&ann, query);
        assert_eq!((&report["created"], &report["failed"]), (&json!(2), &json!(1)), "{report}");
        assert_eq!(report["errors"][0]["line"], 3);
        let details = report["errors"][0]["details"].to_string();
        assert!(details.contains("only admins"), "{details}");
    }
    assert_eq!(ann.get("/api/v1/books").expect(200).json()["pagination"]["total_items"], 2);
    assert_eq!(ann.get("/api/v1/shelf").expect(200).json()["pagination"]["total_items"], 2);
    // The same file again changes nothing.
    let again = import(&ann, "");
    assert_eq!((&again["skipped"], &again["failed"]), (&json!(2), &json!(1)), "{again}");
    assert_eq!(import(&admin, "")["created"], 3);
}
