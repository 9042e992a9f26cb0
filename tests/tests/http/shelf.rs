//! The shelf: what is written on it, how it is changed, and that nobody else sees it.

use bookshelf_tests::app::{Answer, App, Client};
use serde_json::{Value, json};

const SHELF: &str = "/api/v1/shelf";

fn put(client: &Client, entry: Value) -> Answer {
    client.post(SHELF, entry).expect(201)
}

fn add_book(client: &Client, title: &str) -> Value {
    client.post("/api/v1/books", json!({"title": title, "author": "A"})).expect(201).data()
}

fn book_of(client: &Client, book: &Value) -> Value {
    client.get(book["links"]["self"].as_str().unwrap()).expect(200).data()
}

#[test]
fn an_entry_is_made_read_changed_and_deleted() {
    let app = App::start();
    let ann = app.user("ann");
    let book = add_book(&ann, "Clean Code");
    let made = put(
        &ann,
        json!({"book_id": book["id"], "status": "reading", "rating": 4, "notes": " One\nTwo ",
               "started_on": "2026-11-01"}),
    );
    let entry = made.data();
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{SHELF}/{}", entry["id"]));
    let expected = json!({
        "id": entry["id"], "status": "reading", "rating": 4, "notes": "One\nTwo",
        "started_on": "2026-11-01", "finished_on": null,
        "added_at": entry["added_at"], "updated_at": entry["added_at"],
        "book": book_of(&ann, &book),
        "links": {"self": path, "collection": SHELF, "book": book["links"]["self"]},
    });
    assert_eq!(entry, expected);
    assert_eq!(entry["book"]["rating"], json!({"average": 4.0, "count": 1}));
    assert!(entry["added_at"].as_str().unwrap().ends_with('Z'));
    let read = ann.get(&path).expect(200);
    assert_eq!(read.data(), entry);
    for answer in [&made, &read] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("etag"), made.header("etag"));
    }
    let patch = json!({"status": "read", "finished_on": "2026-11-20", "notes": null});
    let patched = ann.patch(&path, patch).expect(200).data();
    assert_eq!((&patched["status"], &patched["notes"]), (&json!("read"), &Value::Null));
    assert_eq!((&patched["rating"], &patched["started_on"]), (&json!(4), &json!("2026-11-01")));
    let replaced = ann.put(&path, json!({"rating": 2})).expect(200).data();
    assert_eq!((&replaced["status"], &replaced["rating"]), (&json!("want_to_read"), &json!(2)));
    assert_eq!((&replaced["started_on"], &replaced["finished_on"]), (&Value::Null, &Value::Null));
    assert_eq!(ann.get(&path).data(), replaced);

    assert!(ann.delete(&path).expect(204).body.is_empty());
    ann.get(&path).error(404, "not_found");
    ann.delete(&path).error(404, "not_found");
    assert_eq!(book_of(&ann, &book), book);
}

#[test]
fn a_described_book_is_found_by_its_isbn_or_made() {
    let app = App::start();
    let (ann, bob) = (app.user("ann"), app.user("bob"));
    let described =
        json!({"book": {"title": "Clean Code", "author": "M", "isbn": "0-13-235088-2"}});
    let anns = put(&ann, described).data();
    assert_eq!(anns["status"], "want_to_read");
    let same = json!({"book": {"title": "Other", "author": "X", "isbn": "9780132350884"}});
    let bobs = put(&bob, same.clone()).data();
    assert_eq!(bobs["book"], anns["book"]);
    assert_eq!(ann.get("/api/v1/books").header("x-total-count"), "1");
    let error = bob.post(SHELF, same).error(409, "already_on_shelf");
    assert_eq!(error["resource"], bobs["links"]["self"]);
}

#[test]
fn all_that_is_wrong_is_named_at_once() {
    let app = App::start();
    let ann = app.user("ann");
    let wrong = json!({
        "book": {"author": 1, "isbn": "12", "colour": "red"}, "status": "burnt", "rating": 6,
        "started_on": "2026-2-1", "finished_on": "2026-02-30", "size": 1,
    });
    let faults = ann.post(SHELF, wrong).faults();
    let expected = [
        "book.author",
        "book.colour",
        "book.isbn",
        "book.title",
        "finished_on",
        "rating",
        "size",
        "started_on",
        "status",
    ];
    assert_eq!(faults, expected);
    for (wrong, expected) in [
        (json!({}), &["book_id"][..]),
        (json!({"book": null}), &["book_id"]),
        (json!({"book_id": "7"}), &["book_id"]),
        (json!({"book": []}), &["book"]),
        (json!({"book_id": 1, "book": {"title": "A", "author": "B"}}), &["book"]),
        (json!({"book_id": 7}), &["book_id"]),
        (json!({"book_id": -1}), &["book_id"]),
        (json!({"book_id": 1, "notes": "a\u{0}b", "rating": 1.5}), &["notes", "rating"]),
        (
            json!({"book_id": 1, "started_on": "2026-02-02", "finished_on": "2026-02-01"}),
            &["finished_on"],
        ),
    ] {
        assert_eq!(ann.post(SHELF, wrong.clone()).faults(), expected, "{wrong}");
    }
    let long = json!({"book_id": 1, "notes": "é".repeat(10_001)});
    assert_eq!(ann.post(SHELF, long).faults(), ["notes"]);
    assert_eq!(ann.get("/api/v1/books").header("x-total-count"), "0");
}

#[test]
fn a_change_keeps_to_the_book_and_to_the_rules() {
    let app = App::start();
    let ann = app.user("ann");
    let made =
        put(&ann, json!({"book": {"title": "A", "author": "B"}, "started_on": "2026-02-02"}));
    let path = made.header("location");
    let entry = made.data();
    // Another book is ignored, as all read-only members are.
    let other = add_book(&ann, "C");
    for change in [json!({"book_id": other}), json!({"book": {"title": "C", "author": "D"}})] {
        assert_eq!(ann.patch(path, change.clone()).expect(200).data(), entry, "{change}");
    }
    for (change, expected) in [
        (json!({"book_id": other, "colour": 7}), &["colour"][..]),
        (json!({"rating": 0, "status": 1}), &["rating", "status"]),
    ] {
        assert_eq!(ann.put(path, change.clone()).faults(), expected, "{change}");
        assert_eq!(ann.patch(path, change.clone()).faults(), expected, "{change}");
    }
    // Days have to fit those that are there.
    assert_eq!(ann.patch(path, json!({"finished_on": "2026-02-01"})).faults(), ["finished_on"]);
    assert_eq!(ann.get(path).data(), entry);
    let long = json!({"notes": "é".repeat(10_000)});
    assert_eq!(ann.patch(path, long.clone()).expect(200).data()["notes"], long["notes"]);
    for write in [Client::put, Client::patch] {
        ann.patch(path, json!({"status": "read"})).expect(200);
        let cleared = write(&ann, path, json!({"status": null}));
        assert_eq!(cleared.expect(200).data()["status"], "want_to_read");
    }
}

#[test]
fn nobody_else_sees_an_entry() {
    let app = App::start();
    let (ann, bob, admin) = (app.user("ann"), app.user("bob"), app.admin());
    let made =
        put(&ann, json!({"book": {"title": "Secret", "author": "B"}, "rating": 5, "notes": "x"}));
    let (path, none) = (made.header("location"), format!("{SHELF}/999999"));
    let told = |answer: Answer| {
        let mut error = answer.error(404, "not_found");
        error["request_id"] = Value::Null;
        (error, answer.header("etag").to_owned(), answer.header("content-length").to_owned())
    };
    for other in [&bob, &admin, &bob.service(&["read", "write"])] {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE"] {
            let tags = ["*", made.header("etag"), "\"9\""];
            let conditions =
                tags.iter().flat_map(|tag| [("if-match", tag), ("if-none-match", tag)]);
            for (condition, tag) in conditions {
                let ask = |path: &str| {
                    let request = other.request(method, path).header(condition, tag);
                    if ["PUT", "PATCH"].contains(&method) {
                        request.json(&json!({"rating": 1})).send()
                    } else {
                        request.send()
                    }
                };
                if method == "HEAD" {
                    assert_eq!((ask(path).status, ask(&none).status), (404, 404));
                } else {
                    assert_eq!(told(ask(path)), told(ask(&none)), "{method} {condition} {tag}");
                }
            }
        }
        for query in ["", "?search=secret", "?rating=5", "?status=want_to_read", "?sort=title"] {
            let page = other.get(&format!("{SHELF}{query}")).expect(200);
            assert_eq!((page.data(), page.header("x-total-count")), (json!([]), "0"));
        }
        let stats = other.get("/api/v1/shelf/stats").expect(200).data();
        assert_eq!((&stats["total"], &stats["average_rating"]), (&json!(0), &Value::Null));
    }
    assert_eq!(ann.get(path).expect(200).data(), made.data());
    app.anonymous().get(path).error(401, "token_missing");
}

#[test]
fn a_cursor_belongs_to_one_shelf() {
    let app = App::start();
    let (ann, bob) = (app.user("ann"), app.user("bob"));
    for title in ["A", "B", "C"] {
        let book = add_book(&ann, title);
        for user in [&ann, &bob] {
            put(user, json!({"book_id": book["id"]}));
        }
    }
    let page = ann.get(&format!("{SHELF}?per_page=2&sort=title")).expect(200).json();
    let next = format!(
        "{SHELF}?per_page=2&sort=title&cursor={}",
        page["pagination"]["next_cursor"].as_str().unwrap()
    );
    let rest = ann.get(&next).expect(200);
    assert_eq!(rest.data().as_array().unwrap().len(), 1);
    assert_eq!(rest.data()[0]["book"]["title"], "C");
    bob.get(&next).error(400, "malformed_cursor");
    ann.get(&next.replace("sort=title", "sort=author")).error(400, "malformed_cursor");
}

#[test]
fn the_shelf_is_listed_filtered_and_sorted() {
    let app = App::start();
    let ann = app.user("ann");
    for (title, status, rating, finished_on) in [
        ("Émile", "read", json!(5), json!("2026-01-02")),
        ("Germinal", "read", json!(3), json!("2025-01-02")),
        ("Nana", "reading", Value::Null, Value::Null),
    ] {
        put(
            &ann,
            json!({"book": {"title": title, "author": "Zola"}, "status": status,
                         "rating": rating, "finished_on": finished_on}),
        );
    }
    let titles = |query: &str| {
        let page = ann.get(&format!("{SHELF}?{query}")).expect(200).data();
        let titles = page.as_array().unwrap().iter();
        titles.map(|entry| entry["book"]["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(""), ["Nana", "Germinal", "Émile"]);
    assert_eq!(titles("order=asc"), ["Émile", "Germinal", "Nana"]);
    assert_eq!(titles("sort=title"), ["Émile", "Germinal", "Nana"]);
    assert_eq!(titles("sort=rating&order=desc"), ["Émile", "Germinal", "Nana"]);
    assert_eq!(titles("sort=finished_on"), ["Germinal", "Émile", "Nana"]);
    assert_eq!(titles("status=read&rating=5"), ["Émile"]);
    assert_eq!(titles("search=%C3%89MILE"), ["Émile"]);
    assert_eq!(titles("count=none&per_page=1"), ["Nana"]);
    let page = ann.get(&format!("{SHELF}?status=read&per_page=1")).expect(200);
    let pagination = &page.json()["pagination"];
    assert_eq!((&pagination["total_items"], &pagination["has_next"]), (&json!(2), &json!(true)));
    assert!(page.header("link").contains("status=read&per_page=1&page=2>; rel=\"next\""));
    assert_eq!(page.header("x-total-count"), "2");
    assert_eq!(page.header("cache-control"), "no-store");
    let faults = ann.get(&format!("{SHELF}?status=x&rating=6&sort=year&user=1")).faults();
    assert_eq!(faults, ["rating", "sort", "status", "user"]);
}

#[test]
fn a_tag_follows_the_book_but_a_writer_is_held_to_the_entry() {
    let app = App::start();
    let (ann, bob) = (app.user("ann"), app.user("bob"));
    let made = put(&ann, json!({"book": {"title": "A", "author": "B"}}));
    let (path, seen) = (made.header("location"), made.header("etag").to_owned());
    let known = |tag: &str| ann.request("GET", path).header("if-none-match", tag).send().status;
    assert_eq!(known(&seen), 304);
    let book = made.data()["book"].clone();
    put(&bob, json!({"book_id": book["id"], "rating": 5}));
    assert_eq!(known(&seen), 200);
    let rated = ann.get(path).header("etag").to_owned();
    bob.patch(book["links"]["self"].as_str().unwrap(), json!({"year": 1999})).expect(200);
    assert_eq!((known(&rated), known(&seen)), (200, 200));
    let write = |tag: &str| {
        ann.request("PATCH", path).header("if-match", tag).json(&json!({"rating": 1})).send()
    };
    let after = write(&seen).expect(200);
    write(&seen).error(412, "precondition_failed");
    let delete = |tag: &str| ann.request("DELETE", path).header("if-match", tag).send();
    delete(&seen).error(412, "precondition_failed");
    delete(after.header("etag")).expect(204);
}

#[test]
fn a_setting_makes_writers_say_what_they_have_seen() {
    let app = App::with(&[("BOOKSHELF_REQUIRE_IF_MATCH", "true")]);
    let ann = app.user("ann");
    let made = put(&ann, json!({"book": {"title": "A", "author": "B"}}));
    let path = made.header("location");
    ann.put(path, json!({})).error(428, "precondition_required");
    ann.patch(path, json!({})).error(428, "precondition_required");
    ann.delete(path).error(428, "precondition_required");
    ann.request("DELETE", path).header("if-match", made.header("etag")).send().expect(204);
}

#[test]
fn the_shelf_is_counted_up() {
    let app = App::start();
    let ann = app.user("ann");
    let stats = || ann.get("/api/v1/shelf/stats").expect(200);
    let by_status = json!({"want_to_read": 0, "reading": 0, "read": 0, "abandoned": 0});
    let links = json!({"self": "/api/v1/shelf/stats", "collection": SHELF});
    let empty = json!({"total": 0, "by_status": by_status, "finished_by_year": [],
                       "average_rating": null, "links": links});
    assert_eq!(stats().data(), empty);
    for (number, (status, rating, finished_on)) in [
        ("read", json!(5), json!("2026-01-02")),
        ("read", json!(4), json!("2025-12-31")),
        ("read", json!(4), json!("2026-12-31")),
        ("reading", Value::Null, Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        put(
            &ann,
            json!({"book": {"title": format!("{number}"), "author": "A"}, "status": status,
                         "rating": rating, "finished_on": finished_on}),
        );
    }
    let by_status = json!({"want_to_read": 0, "reading": 1, "read": 3, "abandoned": 0});
    let years = json!([{"year": 2026, "count": 2}, {"year": 2025, "count": 1}]);
    let full = json!({"total": 4, "by_status": by_status, "finished_by_year": years,
                      "average_rating": 4.33, "links": links});
    assert_eq!(stats().data(), full);
    assert_eq!(stats().header("cache-control"), "no-store");
}

#[test]
fn an_entry_sent_twice_is_made_once() {
    let app = App::start();
    let ann = app.user("ann");
    let entry = json!({"book": {"title": "A", "author": "B"}, "rating": 5});
    let send =
        |body: &Value| ann.request("POST", SHELF).header("idempotency-key", "k").json(body).send();
    let first = send(&entry).expect(201);
    let again = send(&entry).expect(201);
    assert_eq!((again.data(), again.header("idempotency-replayed")), (first.data(), "true"));
    assert_eq!(again.header("location"), first.header("location"));
    send(&json!({"book_id": 1})).error(422, "idempotency_key_reused");
    assert_eq!(ann.get(SHELF).header("x-total-count"), "1");
}
