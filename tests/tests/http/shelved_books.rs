//! What shelves mean for the catalogue: ratings, and books that are not deleted without a word.

use std::thread;
use std::time::Duration;

use bookshelf_tests::app::{App, Client};
use serde_json::{Value, json};

fn rating(client: &Client, book: &Value) -> Value {
    client.get(book["links"]["self"].as_str().unwrap()).expect(200).data()["rating"].clone()
}

/// Puts a book on the shelf of a new user.
fn shelve(app: &App, name: &str, book: &Value, stars: u32) -> (Client, String) {
    let user = app.user(name);
    let entry = json!({"book_id": book["id"], "rating": stars});
    let path = user.post("/api/v1/shelf", entry).expect(201).header("location").to_owned();
    (user, path)
}

fn add_book(client: &Client) -> Value {
    client.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201).data()
}

#[test]
fn a_rating_goes_with_its_account() {
    let app = App::start();
    let admin = app.admin();
    let book = add_book(&admin);
    let (ann, _) = shelve(&app, "ann", &book, 5);
    let (bob, _) = shelve(&app, "bob", &book, 2);
    shelve(&app, "cem", &book, 1);
    assert_eq!(rating(&admin, &book), json!({"average": 2.67, "count": 3}));
    let password = json!({"password": "correct horse battery"});
    ann.post("/api/v1/auth/delete-account", password).expect(204);
    assert_eq!(rating(&admin, &book), json!({"average": 1.5, "count": 2}));
    let id = bob.login().user["id"].clone();
    admin.delete(&format!("/api/v1/users/{id}")).expect(204);
    assert_eq!(rating(&admin, &book), json!({"average": 1.0, "count": 1}));
}

#[test]
fn a_book_on_shelves_is_deleted_only_by_force_and_on_record() {
    let app = App::start();
    let admin = app.admin();
    let book = add_book(&admin);
    let path = book["links"]["self"].as_str().unwrap();
    let (ann, entry) = shelve(&app, "ann", &book, 5);
    let (bob, _) = shelve(&app, "bob", &book, 2);
    let error = admin.delete(path).error(409, "book_in_use");
    assert!(error["message"].as_str().unwrap().contains("2 shelves"), "{error}");
    assert_eq!(error["resource"], path);
    let error = admin.delete(&format!("{path}?force=false")).error(409, "book_in_use");
    assert_eq!(error["code"], 409);
    assert_eq!(admin.delete(&format!("{path}?force=yes&x=1")).faults(), ["force", "x"]);
    ann.delete(&format!("{path}?force=true")).error(403, "admin_required");
    let stale = admin.request("DELETE", &format!("{path}?force=true")).header("if-match", "\"9\"");
    stale.send().error(412, "precondition_failed");
    assert_eq!(ann.get(&entry).expect(200).data()["book"]["id"], book["id"]);

    admin.delete(&format!("{path}?force=true")).expect(204);
    ann.get(&entry).error(404, "not_found");
    assert_eq!(bob.get("/api/v1/shelf").header("x-total-count"), "0");
    admin.delete(&format!("{path}?force=true")).error(404, "not_found");

    // The log is written by a thread of its own.
    let line = std::iter::repeat_with(|| {
        thread::sleep(Duration::from_millis(20));
        app.log()
    })
    .take(250)
    .find_map(|log| log.lines().find(|line| line.contains("book_deleted")).map(str::to_owned));
    let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
    assert_eq!((&line["message"], &line["book_id"]), (&json!("audit"), &book["id"]));
    assert_eq!((&line["shelf_entries"], &line["by"]), (&json!(2), &admin.login().user["id"]));
    assert!(line["span"]["request_id"].is_string(), "{line}");
}
