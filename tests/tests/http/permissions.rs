//! Who may call what: every operation of the OpenAPI document, called as everybody who may call at all.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use bookshelf_tests::app::{App, Client};
use bookshelf_tests::images::png;
use serde_json::json;

/// An operation, a body that is good, and what is answered to nobody, a user, another user than the
/// one whose it is, a user's key with `read`, one with `write`, and an admin.
///
/// `<new>` is another word each time; `{…}` in an address is something that is there.
const TABLE: [(&str, &str, [u16; 6]); 56] = [
    ("get /", "", [200, 200, 200, 200, 200, 200]),
    ("get /api/v1", "", [200, 200, 200, 200, 200, 200]),
    ("get /api/v1/openapi.json", "", [200, 200, 200, 200, 200, 200]),
    ("get /api/health", "", [200, 200, 200, 200, 200, 200]),
    ("get /health", "", [200, 200, 200, 200, 200, 200]),
    ("get /health/ready", "", [200, 200, 200, 200, 200, 200]),
    ("get /.well-known/jwks.json", "", [200, 200, 200, 200, 200, 200]),
    ("get /apidocs", "", [308, 308, 308, 308, 308, 308]),
    ("get /apidocs/", "", [200, 200, 200, 200, 200, 200]),
    ("get /apidocs/{file}", "", [200, 200, 200, 200, 200, 200]),
    ("get /apidocs/openapi.json", "", [200, 200, 200, 200, 200, 200]),
    ("get /apidocs/openapi-3.0.json", "", [200, 200, 200, 200, 200, 200]),
    ("get /api/v1/books", "", [200, 200, 200, 200, 200, 200]),
    ("get /api/v1/books/{id}", "", [200, 200, 200, 200, 200, 200]),
    ("get /api/v1/books/isbn/{isbn}", "", [200, 200, 200, 200, 200, 200]),
    ("post /api/v1/books", r#"{"title": "A", "author": "B"}"#, [401, 201, 201, 403, 201, 201]),
    ("put /api/v1/books/{id}", r#"{"title": "A", "author": "B"}"#, [401, 200, 200, 403, 200, 200]),
    ("patch /api/v1/books/{id}", r#"{"title": "<new>"}"#, [401, 200, 200, 403, 200, 200]),
    ("delete /api/v1/books/{id}", "", [401, 403, 403, 403, 403, 204]),
    ("post /api/v1/books/import", "title,author\nA,B\n", [401, 403, 403, 403, 403, 200]),
    ("post /api/v1/shelf/import", "title,author,status\nA,B,\n", [401, 200, 200, 403, 200, 200]),
    ("get /api/v1/shelf/export", "", [401, 200, 200, 200, 403, 200]),
    ("get /api/v1/books/export", "", [401, 200, 200, 200, 403, 200]),
    ("get /api/v1/books/{id}/cover", "", [200, 200, 200, 200, 200, 200]),
    ("put /api/v1/books/{id}/cover", "<image>", [401, 200, 200, 403, 200, 200]),
    ("delete /api/v1/books/{id}/cover", "", [401, 403, 403, 403, 403, 204]),
    (
        "post /api/v1/auth/register",
        r#"{"email": "<new>@example.org", "password": "correct horse battery"}"#,
        [201, 201, 201, 201, 201, 201],
    ),
    (
        "post /api/v1/auth/login",
        r#"{"email": "known@example.com", "password": "correct horse battery"}"#,
        [200, 200, 200, 200, 200, 200],
    ),
    // It takes refresh tokens only, and none of these has one to show.
    ("post /api/v1/auth/refresh", "", [401, 401, 401, 401, 401, 401]),
    // It takes refresh tokens too.
    ("post /api/v1/auth/logout", "", [401, 204, 204, 403, 403, 204]),
    ("post /api/v1/auth/logout-all", "", [401, 204, 204, 403, 403, 204]),
    ("get /api/v1/auth/sessions", "", [401, 200, 200, 403, 403, 200]),
    ("delete /api/v1/auth/sessions/{id}", "", [401, 204, 404, 403, 403, 404]),
    ("get /api/v1/auth/me", "", [401, 200, 200, 200, 403, 200]),
    ("patch /api/v1/auth/me", r#"{"name": "<new>"}"#, [401, 200, 200, 403, 200, 200]),
    ("get /api/v1/profile", "", [401, 200, 200, 200, 403, 200]),
    (
        "post /api/v1/auth/password",
        r#"{"current_password": "correct horse battery", "new_password": "a better password"}"#,
        [401, 204, 204, 403, 403, 204],
    ),
    (
        "post /api/v1/auth/delete-account",
        r#"{"password": "correct horse battery"}"#,
        [401, 204, 204, 403, 403, 204],
    ),
    (
        "post /api/v1/api-keys",
        r#"{"name": "<new>", "permissions": ["read"]}"#,
        [401, 201, 201, 403, 403, 201],
    ),
    ("get /api/v1/api-keys", "", [401, 200, 200, 403, 403, 200]),
    ("delete /api/v1/api-keys/{id}", "", [401, 204, 404, 403, 403, 404]),
    ("get /api/v1/shelf", "", [401, 200, 200, 200, 403, 200]),
    (
        "post /api/v1/shelf",
        r#"{"book": {"title": "A", "author": "B"}}"#,
        [401, 201, 201, 403, 201, 201],
    ),
    ("get /api/v1/shelf/stats", "", [401, 200, 200, 200, 403, 200]),
    ("get /api/v1/shelf/{id}", "", [401, 200, 404, 200, 403, 404]),
    ("put /api/v1/shelf/{id}", r#"{"status": "read"}"#, [401, 200, 404, 403, 200, 404]),
    ("patch /api/v1/shelf/{id}", r#"{"notes": "<new>"}"#, [401, 200, 404, 403, 200, 404]),
    ("delete /api/v1/shelf/{id}", "", [401, 204, 404, 403, 204, 404]),
    ("get /api/v1/users", "", [401, 403, 403, 403, 403, 200]),
    (
        "post /api/v1/users",
        r#"{"email": "<new>@example.org", "password": "correct horse battery"}"#,
        [401, 403, 403, 403, 403, 201],
    ),
    ("get /api/v1/users/{id}", "", [401, 403, 403, 403, 403, 200]),
    ("patch /api/v1/users/{id}", r#"{"name": "<new>"}"#, [401, 403, 403, 403, 403, 200]),
    ("post /api/v1/invites", r#"{"role": "user"}"#, [401, 403, 403, 403, 403, 201]),
    ("get /api/v1/invites", "", [401, 403, 403, 403, 403, 200]),
    ("delete /api/v1/invites/{id}", "", [401, 403, 403, 403, 403, 204]),
    ("delete /api/v1/users/{id}", "", [401, 403, 403, 403, 403, 204]),
];

#[test]
fn every_operation_is_in_the_table_and_every_row_an_operation() {
    let app = App::start();
    let document = app.anonymous().get("/api/v1/openapi.json").expect(200).json();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            documented.insert(format!("{method} {path}"));
        }
    }
    let table: BTreeSet<_> = TABLE.iter().map(|(operation, ..)| (*operation).to_owned()).collect();
    assert_eq!(documented, table);
}

/// The columns of the table by the names that the documentation has for them.
const CALLERS: [&str; 6] = ["nobody", "user", "user", "key read", "key write", "admin"];

#[test]
fn the_documentation_shows_the_table() {
    let app = App::start();
    let document = app.anonymous().get("/api/v1/openapi.json").expect(200).json();
    let text = document["info"]["description"].as_str().unwrap();
    for (operation, _, expected) in TABLE {
        let (method, path) = operation.split_once(' ').unwrap();
        let callers = document["paths"][path][method]["x-callers"].as_array().unwrap();
        for (caller, status) in CALLERS.iter().zip(expected) {
            // Anybody may call what takes refresh tokens, which none of these has to show.
            let takes_refresh_tokens = path.ends_with("/refresh") || path.ends_with("/logout");
            let may = ![401, 403].contains(&status) || takes_refresh_tokens;
            assert_eq!(callers.contains(&json!(caller)), may, "{operation} as {caller}");
        }
        let row = format!("| `{} {path}` |", method.to_uppercase());
        assert!(text.contains(&row), "{row}");
    }
}

#[test]
fn everybody_may_do_what_the_table_says() {
    let app = App::start();
    let known = app.user("known");
    for (row, (operation, body, expected)) in TABLE.iter().enumerate() {
        let (method, path) = operation.split_once(' ').unwrap();
        // Some of these calls end what they are called with.
        let user = app.user(&format!("user{row}"));
        let actors = [
            app.anonymous(),
            user.clone(),
            app.user(&format!("other{row}")),
            user.service(&["read"]),
            user.service(&["write"]),
            app.admin_called(&format!("admin{row}")),
        ];
        // What an earlier call ended is there again for the next.
        for (number, actor) in actors.iter().enumerate().rev() {
            let path = address(&app, path, &known, &user, &actors[5]);
            let request = actor.request(&method.to_uppercase(), &path);
            let answer = match *body {
                "" => request.send(),
                "<image>" => request.body("image/png", png(4, 4)).send(),
                body => {
                    let body = body.replace("<new>", &format!("word{row}-{number}"));
                    let is_json = body.starts_with('{');
                    request.body(if is_json { "application/json" } else { "text/csv" }, body).send()
                }
            };
            let told = format!("{operation} as {number}: {}", answer.text());
            assert_eq!(answer.status, expected[number], "{told}");
            let reasons: &[&str] = match answer.status {
                401 => &["token_missing", "token_invalid"],
                403 => &["admin_required", "insufficient_permissions", "forbidden"],
                _ => continue,
            };
            let reason = answer.json()["error"]["reason"].clone();
            assert!(reasons.contains(&reason.as_str().unwrap()), "{told}");
        }
    }
}

/// The address of something that is there, and is `user`'s if it is anybody's.
fn address(app: &App, path: &str, known: &Client, user: &Client, admin: &Client) -> String {
    let isbn = "9780132350884";
    match path.split_once('{') {
        None => path.to_owned(),
        Some((_, "file}")) => path.replace("{file}", "swagger-ui.css"),
        Some((_, "isbn}")) => {
            let book = json!({"title": "A", "author": "B", "isbn": isbn});
            assert!([201, 409].contains(&known.post("/api/v1/books", book).status));
            path.replace("{isbn}", isbn)
        }
        Some(("/api/v1/books/", "id}/cover")) => {
            let book = json!({"title": "A", "author": "B"});
            let book = known.post("/api/v1/books", book).expect(201);
            let cover = format!("{}/cover", book.header("location"));
            known.request("PUT", &cover).body("image/png", png(3, 3)).send().expect(200);
            cover
        }
        Some(("/api/v1/books/", _)) => {
            let book = json!({"title": "A", "author": "B"});
            known.post("/api/v1/books", book).expect(201).header("location").to_owned()
        }
        Some(("/api/v1/shelf/", _)) => {
            let entry = json!({"book": {"title": "A", "author": "B"}});
            user.post("/api/v1/shelf", entry).expect(201).header("location").to_owned()
        }
        Some(("/api/v1/auth/sessions/", _)) => {
            let email = user.login().user["email"].as_str().unwrap().to_owned();
            let session = app.login(&email);
            let sessions = session.get("/api/v1/auth/sessions").json();
            let sessions = sessions["data"].as_array().unwrap().clone();
            let own = sessions.iter().find(|session| session["current"] == true).unwrap();
            path.replace("{id}", &own["id"].to_string())
        }
        Some(("/api/v1/api-keys/", _)) => {
            let key = json!({"name": "A", "permissions": ["read"]});
            user.post("/api/v1/api-keys", key).expect(201).header("location").to_owned()
        }
        Some(("/api/v1/invites/", _)) => {
            admin.post("/api/v1/invites", json!({})).expect(201).header("location").to_owned()
        }
        Some(("/api/v1/users/", _)) => {
            let somebody = app.user(&format!("gone{}", COUNT.fetch_add(1, Ordering::Relaxed)));
            path.replace("{id}", &somebody.login().user["id"].to_string())
        }
        Some(_) => panic!("there is nothing to put into {path}"),
    }
}

static COUNT: AtomicUsize = AtomicUsize::new(0);
