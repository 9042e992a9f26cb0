//! Every error has one shape, those of the framework too.

use bookshelf_tests::app::App;
use serde_json::json;

#[test]
fn an_unknown_address_is_not_found() {
    let app = App::start();
    for path in ["/api/v1/nowhere", "/nowhere", "/api", "/api/v2/books", "/api/v1/books/1/x"] {
        let answer = app.anonymous().get(path);
        if path != "/api" {
            answer.error(404, "not_found");
        }
    }
}

#[test]
fn what_is_no_id_is_not_found() {
    let app = App::start();
    for id in ["0", "-1", "x", "1.0", "1e3", "9223372036854775808", "%31%00", "+1", "%2f", "%ff"] {
        app.anonymous().get(&format!("/api/v1/books/{id}")).error(404, "not_found");
    }
}

#[test]
fn another_method_is_told_which_there_are() {
    let app = App::start();
    let answer = app.anonymous().delete("/api/v1/books");
    answer.error(405, "method_not_allowed");
    let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "OPTIONS", "POST"]);
    app.anonymous().get("/api/v1/auth/login").error(405, "method_not_allowed");
    // Where an id could stand, too.
    let answer = app.anonymous().get("/api/v1/books/import");
    answer.error(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    app.user("ann").delete("/api/v1/shelf/stats").error(405, "method_not_allowed");
    app.anonymous().request("PURGE", "/api/v1/books").send().error(405, "method_not_allowed");
}

#[test]
fn a_body_must_be_plain_json() {
    let app = App::start();
    let ann = app.user("ann");
    let post = || ann.request("POST", "/api/v1/books");
    let good = r#"{"title": "A", "author": "B"}"#;
    for media_type in ["text/plain", "application/xml", "application/merge-patch+json", "x"] {
        post().body(media_type, good).send().error(415, "unsupported_media_type");
    }
    let packed = post().body("application/json", good).header("content-encoding", "gzip");
    packed.send().error(415, "unsupported_media_type");
    post().body("application/json; charset=utf-8", good).send().expect(201);
    for body in ["{", "{\"title\": }", "\u{feff}{", "{'title': 'A'}", "{} {}", "nul", "\"\\ud800\""]
    {
        let error = post().body("application/json", body).send().error(400, "malformed_json");
        assert!(error["message"].as_str().unwrap().contains("line"), "{error}");
    }
    post().body("application/json", b"{\"title\": \"\xff\"}").send().error(400, "malformed_json");
    post().send().error(400, "missing_body");
    post().body("application/json", "").send().error(400, "missing_body");
    for body in ["[]", "1", "null", "\"x\"", "true"] {
        post().body("application/json", body).send().error(422, "validation_failed");
    }
}

#[test]
fn a_body_is_bounded_in_size_and_depth() {
    let app = App::start();
    let ann = app.user("ann");
    let large = json!({"title": "A", "author": "B", "description": "x".repeat(300 * 1024)});
    ann.post("/api/v1/books", large).error(413, "payload_too_large");
    let fits = json!({"title": "A", "author": "B", "description": "x".repeat(200 * 1024)});
    assert_eq!(ann.post("/api/v1/books", fits).faults(), ["description"]);
    let nested = |depth| format!("{{\"title\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    let post = |body| ann.request("POST", "/api/v1/books").body("application/json", body).send();
    assert_eq!(post(nested(20)).faults(), ["author", "title"]);
    let too_deep = post(nested(100));
    assert!([400, 422].contains(&too_deep.status), "{}", too_deep.text());
    let absurd = post(nested(100_000));
    assert!([400, 422].contains(&absurd.status), "{}", absurd.text());
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let app = App::start();
    let ann = app.user("ann");
    let answer = ann.post("/api/v1/books", json!({"year": "abc", "isbn": "12", "colour": 1}));
    assert_eq!(answer.faults(), ["author", "colour", "isbn", "title", "year"]);
    let details = answer.json()["error"]["details"].clone();
    assert_eq!(details["title"], json!(["is required"]));
    assert_eq!(details["year"], json!(["must be an integer"]));
    let nobody = app.anonymous();
    let registration = json!({"email": "x", "password": "short", "username": "?", "role": "admin"});
    let answer = nobody.post("/api/v1/auth/register", registration);
    assert_eq!(answer.faults(), ["email", "password", "role", "username"]);
    let answer = nobody.get("/api/v1/books?page=0&per_page=x&sort=size&order=up&colour=1&year=abc");
    assert_eq!(answer.faults(), ["colour", "order", "page", "per_page", "sort", "year"]);
}

#[test]
fn whoever_prefers_problems_gets_the_same_facts() {
    let app = App::start();
    let ask = |accept: &str| {
        let request = app.anonymous().request("POST", "/api/v1/auth/login").json(&json!({"x": 1}));
        request.header("accept", accept).send().expect(422)
    };
    for accept in [
        "application/problem+json",
        "application/problem+json, application/json;q=0.5",
        "application/json;q=0.1, application/problem+json;q=0.9",
    ] {
        let answer = ask(accept);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(
            (&problem["status"], &problem["reason"]),
            (&json!(422), &json!("validation_failed"))
        );
        for member in ["type", "title", "detail", "instance"] {
            assert!(problem[member].is_string(), "{problem}");
        }
        assert_eq!(problem["request_id"], answer.header("x-request-id"));
        assert_eq!(problem["errors"].as_object().unwrap().len(), 3);
    }
    for accept in ["application/json", "*/*", "application/json, application/problem+json;q=0.9"] {
        ask(accept).error(422, "validation_failed");
    }
}

#[test]
fn an_answer_that_nobody_accepts_is_not_made() {
    let app = App::start();
    let ask =
        |accept: &str| app.anonymous().request("GET", "/api/v1/books").header("accept", accept);
    ask("text/html").send().error(406, "not_acceptable");
    ask("text/html, */*;q=0.1").send().expect(200);
    ask("application/*").send().expect(200);
}

#[test]
fn malformed_requests_are_refused_and_the_server_lives_on() {
    let app = App::start();
    let host = "host: x\r\nconnection: close";
    for request in [
        "GARBAGE\r\n\r\n".to_owned(),
        "GET /api/v1/books HTTP/9.9\r\n\r\n".to_owned(),
        format!("GET /api/v1/bo oks HTTP/1.1\r\n{host}\r\n\r\n"),
        format!("GET /api/v1/books HTTP/1.1\r\n{host}\r\nbad header\r\n\r\n"),
        format!("POST /api/v1/auth/login HTTP/1.1\r\n{host}\r\ncontent-length: x\r\n\r\n"),
        format!(
            "POST /api/v1/auth/login HTTP/1.1\r\n{host}\r\ncontent-length: 3\r\n\
             transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n\r\n", "x".repeat(200_000)),
        format!("GET / HTTP/1.1\r\n{host}\r\n{}\r\n", "a: b\r\n".repeat(20_000)),
    ] {
        let mut wire = app.connect();
        wire.send(&request);
        let answer = wire.rest();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    for query in ["?title=%ff", "?title=%zz", "?title=%", "?page=1&page=2", "?title=%00"] {
        let answer = app.anonymous().get(&format!("/api/v1/books{query}"));
        assert!([400, 422].contains(&answer.status), "{query}: {}", answer.text());
        assert_eq!(answer.json()["success"], false);
    }
    app.anonymous().get("/health").expect(200);
    // These were the faults of clients.
    assert!(!app.log_until("/health").contains("ERROR"), "{}", app.log());
}

#[test]
fn malformed_requests_are_logged_where_debug_lines_are() {
    let app = App::with(&[("BOOKSHELF_LOG", "info,actix_http=debug")]);
    let mut wire = app.connect();
    wire.send("GARBAGE\r\n\r\n");
    wire.rest();
    app.log_until("stream error");
}

#[test]
fn the_bounds_of_a_body_are_settings() {
    let app = App::with(&[("BOOKSHELF_JSON_LIMIT", "1"), ("BOOKSHELF_JSON_DEPTH", "2")]);
    let ask = |body: serde_json::Value| app.anonymous().post("/api/v1/auth/login", body);
    ask(json!({"email": "x".repeat(2_000)})).error(413, "payload_too_large");
    ask(json!({"email": [[1]]})).error(400, "malformed_json");
    ask(json!({"email": [1]})).error(422, "validation_failed");
}
