//! The catalogue: what is written and how it is changed.

use bookshelf_tests::app::{Answer, App, Client};
use serde_json::{Value, json};

fn add(client: &Client, book: Value) -> Answer {
    client.post("/api/v1/books", book).expect(201)
}

fn link(answer: &Answer) -> String {
    answer.data()["links"]["self"].as_str().unwrap().to_owned()
}

#[test]
fn a_book_is_made_read_changed_and_deleted() {
    let app = App::start();
    let (ann, nobody) = (app.user("ann"), app.anonymous());
    let made = add(
        &ann,
        json!({"title": " Clean Code ", "author": "Robert C. Martin", "isbn": "0-13-235088-2",
               "genre": "Software", "year": 2008, "description": "One\nTwo"}),
    );
    let book = made.data();
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("/api/v1/books/{}", book["id"]));
    let expected = json!({
        "id": book["id"], "title": "Clean Code", "author": "Robert C. Martin",
        "isbn": "9780132350884", "genre": "Software", "year": 2008, "description": "One\nTwo",
        "rating": {"average": null, "count": 0}, "cover": null,
        "created_at": book["created_at"], "updated_at": book["created_at"],
        "links": {"self": path, "collection": "/api/v1/books"},
    });
    for (member, value) in expected.as_object().unwrap() {
        if member == "links" {
            assert_eq!(
                (&book["links"]["self"], &book["links"]["collection"]),
                (&value["self"], &value["collection"])
            );
        } else {
            assert_eq!(&book[member], value, "{member}");
        }
    }
    assert!(book["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(nobody.get(&path).expect(200).data(), book);

    let patched = ann.patch(&path, json!({"year": null, "genre": "Craft"})).expect(200).data();
    assert_eq!((&patched["year"], &patched["genre"]), (&Value::Null, &json!("Craft")));
    assert_eq!(patched["isbn"], "9780132350884");
    let replaced = ann.put(&path, json!({"title": "A", "author": "B"})).expect(200).data();
    assert_eq!((&replaced["isbn"], &replaced["description"]), (&Value::Null, &Value::Null));
    assert_eq!(replaced["genre"], "Unknown");
    assert_eq!(nobody.get(&path).expect(200).data(), replaced);

    nobody.delete(&path).error(401, "token_missing");
    let refused = ann.delete(&path).error(403, "admin_required");
    assert!(refused.to_string().contains("admin"));
    let deleted = app.admin().delete(&path).expect(204);
    assert!(deleted.body.is_empty());
    nobody.get(&path).error(404, "not_found");
    ann.patch(&path, json!({"year": 1})).error(404, "not_found");
}

#[test]
fn every_field_has_its_rule() {
    let app = App::start();
    let ann = app.user("ann");
    let with = |field: &str, value: Value| {
        let mut book = json!({"title": "A", "author": "B"});
        book[field] = value;
        ann.post("/api/v1/books", book)
    };
    let long = |length: usize| json!("я".repeat(length));
    for (field, good, bad) in [
        (
            "title",
            vec![long(200)],
            vec![
                long(201),
                json!(""),
                json!("  "),
                json!(null),
                json!(1),
                json!("a\nb"),
                json!("a\u{0}b"),
            ],
        ),
        ("author", vec![long(200)], vec![long(201), json!(""), json!(["x"])]),
        ("genre", vec![long(50), json!(null), json!("")], vec![long(51)]),
        (
            "year",
            vec![json!(-3000), json!(0), json!(null)],
            vec![json!(-3001), json!(9999), json!("1"), json!(1.5), json!(1e30)],
        ),
        (
            "description",
            vec![long(2000), json!("a\r\nb")],
            vec![long(2001), json!("a\u{0}b"), json!({})],
        ),
        (
            "isbn",
            vec![json!("080442957X"), json!("978-0-8044-2957-3"), json!("")],
            vec![json!("12"), json!("9780132350885"), json!(9_780_132_350_884_u64), json!("-")],
        ),
    ] {
        for value in bad {
            assert_eq!(with(field, value.clone()).faults(), [field], "{field} {value}");
        }
        for value in good {
            let status = with(field, value.clone()).status;
            assert!(status == 201 || (field == "isbn" && status == 409), "{field} {value}");
        }
    }
    let answer = with("isbn", json!("9780132350885"));
    assert!(answer.text().contains("should be 4"), "{}", answer.text());
}

#[test]
fn an_isbn_belongs_to_one_book_in_every_form() {
    let app = App::start();
    let (ann, nobody) = (app.user("ann"), app.anonymous());
    let holder = add(&ann, json!({"title": "A", "author": "B", "isbn": "9780132350884"}));
    for isbn in ["9780132350884", "0132350882", "978-0-13-235088-4", "0 13 235088 2"] {
        let answer = ann.post("/api/v1/books", json!({"title": "C", "author": "D", "isbn": isbn}));
        assert_eq!(answer.error(409, "isbn_taken")["resource"], link(&holder));
        let found = nobody.get(&format!("/api/v1/books/isbn/{}", isbn.replace(' ', "%20")));
        assert_eq!(found.expect(200).data(), holder.data());
    }
    let other = link(&add(&ann, json!({"title": "C", "author": "D"})));
    let answer = ann.patch(&other, json!({"isbn": "0132350882"}));
    assert_eq!(answer.error(409, "isbn_taken")["resource"], link(&holder));
    nobody.get("/api/v1/books/isbn/080442957X").error(404, "not_found");
    assert_eq!(nobody.get("/api/v1/books/isbn/123").faults(), ["isbn"]);
}

#[test]
fn put_needs_the_whole_book_and_points_at_patch() {
    let app = App::start();
    let ann = app.user("ann");
    let path = link(&add(&ann, json!({"title": "A", "author": "B"})));
    let explained = "is required: PUT replaces the whole resource, PATCH changes only some fields";
    let faults_of_author = |answer: Answer| {
        assert_eq!(answer.faults(), ["author"]);
        answer.json()["error"]["details"]["author"].clone()
    };
    for body in [json!({"title": "C"}), json!({"title": "C", "author": null})] {
        assert_eq!(faults_of_author(ann.put(&path, body.clone())), json!([explained]));
        let made = ann.post("/api/v1/books", body);
        assert_eq!(faults_of_author(made), json!(["is required"]));
    }
    let cleared = ann.patch(&path, json!({"author": null}));
    assert_eq!(faults_of_author(cleared), json!(["is required"]));
    let empty = ann.put(&path, json!({"title": "C", "author": ""}));
    assert!(!faults_of_author(empty).to_string().contains("PATCH"));
    let merge = ann.request("PATCH", &path).body("application/merge-patch+json", r#"{"year": 7}"#);
    assert_eq!(merge.send().expect(200).data()["year"], 7);
    assert_eq!(ann.patch(&path, json!({})).expect(200).data()["title"], "A");
}

#[test]
fn a_tag_tells_whether_anything_changed() {
    let app = App::start();
    let ann = app.user("ann");
    let made = add(&ann, json!({"title": "A", "author": "B"}));
    let (path, first) = (link(&made), made.header("etag").to_owned());
    assert!(first.starts_with('"') && first.ends_with('"'), "{first}");
    let ask = |tag: &str| ann.request("GET", &path).header("if-none-match", tag).send().status;
    assert_eq!(ann.get(&path).header("etag"), first);
    for same in [&first, "*", &format!("\"x\", {first}"), &format!("W/{first}")] {
        assert_eq!(ask(same), 304, "{same}");
    }
    assert_eq!(ask("\"x\""), 200);
    let unchanged = ann.patch(&path, json!({"title": "A"})).expect(200);
    assert_eq!(unchanged.header("etag"), first);
    let second = ann.patch(&path, json!({"title": "C"})).expect(200).header("etag").to_owned();
    assert_ne!(second, first);
    assert_eq!(ask(&first), 200);
}

#[test]
fn a_stale_writer_changes_nothing() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let made = add(&ann, json!({"title": "A", "author": "B"}));
    let (path, stale) = (link(&made), made.header("etag").to_owned());
    let write = |client: &Client, method: &str, tag: &str| {
        let request = client.request(method, &path).header("if-match", tag);
        match method {
            "DELETE" => request.send(),
            _ => request.json(&json!({"title": "New", "author": "B"})).send(),
        }
    };
    let fresh = ann.patch(&path, json!({"title": "C"})).expect(200).header("etag").to_owned();
    for method in ["PUT", "PATCH", "DELETE"] {
        for tag in [&stale, "\"x\"", &format!("W/{fresh}"), ""] {
            let answer = write(&admin, method, tag);
            let refused = matches!(answer.status, 412) || (tag.is_empty() && answer.status == 400);
            assert!(refused, "{method} {tag}: {}", answer.text());
        }
    }
    assert_eq!(ann.get(&path).data()["title"], "C");
    let fresher = write(&ann, "PUT", &format!("\"x\", {fresh}")).expect(200);
    write(&ann, "PATCH", "*").expect(200);
    write(&admin, "DELETE", fresher.header("etag")).expect(204);
    write(&ann, "PATCH", "*").expect(404);
}

#[test]
fn if_match_may_be_compulsory() {
    let app = App::with(&[("BOOKSHELF_REQUIRE_IF_MATCH", "true")]);
    let ann = app.user("ann");
    let made = add(&ann, json!({"title": "A", "author": "B"}));
    let path = link(&made);
    ann.patch(&path, json!({"year": 1})).error(428, "precondition_required");
    app.admin().delete(&path).error(428, "precondition_required");
    let patch = ann.request("PATCH", &path).json(&json!({"year": 1}));
    patch.header("if-match", made.header("etag")).send().expect(200);
}
