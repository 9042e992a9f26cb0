//! What holds for every answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bookshelf_tests::app::App;
use serde_json::json;

#[test]
fn health_needs_no_envelope_and_no_account() {
    let app = App::start();
    for path in ["/health", "/api/health"] {
        let body = app.anonymous().get(path).expect(200).json();
        assert_eq!((&body["status"], &body["service"]), (&json!("healthy"), &json!("bookshelf")));
        assert!(body["version"].is_string());
    }
    app.anonymous().get("/health/ready").expect(200);
}

#[test]
fn the_entry_point_leads_to_every_collection() {
    let app = App::start();
    let nobody = app.anonymous();
    let entry = nobody.get("/api/v1").expect(200).data();
    let links = entry["links"].as_object().unwrap();
    assert_eq!(links["books"], "/api/v1/books");
    for (name, link) in links {
        let status = nobody.get(link.as_str().unwrap()).status;
        assert!([200, 401, 405].contains(&status), "{name}: {status}");
    }
}

#[test]
fn a_version_is_picked_by_path_or_by_header() {
    let app = App::start();
    let nobody = app.anonymous();
    let whole = nobody.get("/api/v1/books").expect(200);
    assert_eq!(whole.header("api-version"), "1");
    let bare = nobody.get("/api/books").expect(200);
    assert_eq!(bare.header("api-version"), "1");
    assert_eq!(bare.json()["pagination"], whole.json()["pagination"]);
    let picked = nobody.request("GET", "/api/books").header("api-version", "1").send();
    assert_eq!(picked.expect(200).body, bare.body);
    for version in ["2", "0", "one", "1.0", ""] {
        let answer = nobody.request("GET", "/api/books").header("api-version", version).send();
        answer.error(400, "unsupported_api_version");
        assert_eq!(answer.header("api-version"), "1");
    }
}

#[test]
fn a_trailing_slash_changes_nothing() {
    let app = App::start();
    let nobody = app.anonymous();
    for (path, query) in [("/api/v1", ""), ("/api/v1/books", "?per_page=2"), ("/api/health", "")] {
        let without = nobody.get(&format!("{path}{query}")).expect(200);
        let with = nobody.get(&format!("{path}/{query}")).expect(200);
        assert_eq!(without.text(), with.text());
    }
    app.user("ann").post("/api/v1/books/", json!({"title": "A", "author": "B"})).expect(201);
}

#[test]
fn head_answers_wherever_get_does() {
    let app = App::start();
    let ann = app.user("ann");
    let book = ann.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201);
    let book = book.header("location").to_owned();
    for path in ["/health", "/api/v1", "/api/v1/books", "/api/v1/auth/me", &book, "/apidocs/"] {
        let get = ann.get(path).expect(200);
        let head = ann.request("HEAD", path).send().expect(200);
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-length", "content-type", "etag", "x-total-count", "link"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    ann.request("HEAD", "/api/v1/books/999").send().expect(404);
}

#[test]
fn a_request_keeps_its_id_where_that_is_sane() {
    let app = App::start();
    let ask = |id: &str| app.anonymous().request("GET", "/api/v1/x").header("x-request-id", id);
    assert_eq!(ask("my-request_1.a").send().header("x-request-id"), "my-request_1.a");
    for odd in ["", "a b", "é", &"x".repeat(1000)] {
        let answer = ask(odd).send();
        assert!(!answer.header("x-request-id").is_empty());
        assert_ne!(answer.header("x-request-id"), odd);
        answer.error(404, "not_found");
    }
    let (one, other) = (app.anonymous().get("/health"), app.anonymous().get("/health"));
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

#[test]
fn every_answer_under_api_has_the_security_headers() {
    let app = App::start();
    let ann = app.user("ann");
    let book = ann.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201);
    let location = book.header("location").to_owned();
    let tag = book.header("etag").to_owned();
    let unchanged = ann.request("GET", &location).header("if-none-match", &tag).send().expect(304);
    let me = ann.get("/api/v1/auth/me");
    assert_eq!(me.header("cache-control"), "no-store");
    assert_eq!(ann.get(&location).header("cache-control"), "public, no-cache");
    let refused = app.anonymous().get("/api/v1/auth/me");
    let answers = [
        book,
        unchanged,
        me,
        refused,
        ann.get("/api/health"),
        ann.get("/api/nowhere"),
        ann.post("/api/v1", json!({})),
        ann.get("/api/v1/books?page=0"),
        ann.get("/api/v1/books/%00"),
        ann.get("/api/v1/books"),
        ann.request("POST", "/api/v1/books").body("text/plain", "x").send(),
    ];
    for answer in answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("api-version", "1"),
        ] {
            assert_eq!(answer.header(name), value, "{answer:?}");
        }
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[test]
fn strict_transport_security_is_a_setting() {
    let app = App::with(&[("BOOKSHELF_HSTS", "false")]);
    let answer = app.anonymous().get("/api/v1/books").expect(200);
    assert_eq!(answer.header("strict-transport-security"), "");
    assert_eq!(answer.header("x-frame-options"), "DENY");
}

#[test]
fn the_documentation_comes_from_the_program_itself() {
    let app = App::start();
    let nobody = app.anonymous();
    let document = nobody.get("/api/v1/openapi.json").expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(nobody.get("/apidocs/openapi.json").expect(200).json(), document);
    let printed = app.program().run(&["openapi"]).done().stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), document);
    let older = nobody.get("/apidocs/openapi-3.0.json").expect(200).json();
    let printed = app.program().run(&["openapi", "--3.0"]).done().stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), older);
    let page = nobody.get("/apidocs/").expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text().contains("https://"), "{}", page.text());
    for part in
        page.text().split('"').filter(|part| part.ends_with(".js") || part.ends_with(".css"))
    {
        let path = format!("/apidocs/{}", part.trim_start_matches("./"));
        assert!(!nobody.get(&path).expect(200).body.is_empty());
    }
}

/// Made for this test alone.
const SIGNING_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIC/CPLNk3EHWNiTWwmdUthCHLuApjIs7fPNp6KsxrJoh
-----END PRIVATE KEY-----
";

#[test]
fn a_folder_of_keys_signs_access_tokens_and_its_public_parts_are_published() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("2026-11.pem"), SIGNING_KEY).unwrap();
    let app = App::with(&[("BOOKSHELF_JWT_KEYS", folder.path().to_str().unwrap())]);
    let published = app.anonymous().get("/.well-known/jwks.json").expect(200);
    assert_eq!(published.header("content-type"), "application/jwk-set+json");
    let key = published.json()["keys"][0].clone();
    assert_eq!((&key["kid"], &key["crv"]), (&"2026-11".into(), &"Ed25519".into()));
    assert!(key.get("d").is_none(), "nothing private is published: {key}");
    app.user("ann").get("/api/v1/auth/me").expect(200);

    let shared = App::start().anonymous().get("/.well-known/jwks.json").expect(200).json();
    assert_eq!(shared, serde_json::json!({"keys": []}));
}

#[test]
fn pipelined_heads_get_no_bodies() {
    let app = App::start();
    let mut wire = app.connect();
    let head = |path| format!("HEAD {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    let get = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    let paths = ["/api/v1", "/api/v1/books", "/api/v1/books/9", "/apidocs/swagger-ui.css"];
    let requests: String = paths.iter().map(|path| head(path) + get).collect();
    wire.send(requests);
    for path in paths {
        let head = wire.head();
        assert!(head.header("content-length").parse::<usize>().unwrap() > 0, "{path}");
        assert_eq!(head.header("transfer-encoding"), "");
        assert_eq!(wire.answer().json()["status"], "healthy", "{path}");
    }
}

#[test]
fn a_connection_that_sends_many_requests_at_once_leaves_the_thread_to_others() {
    const MANY: usize = 4000;
    let app = App::with(&[("BOOKSHELF_WORKERS", "1")]);
    let ask = "GET /api/v1/nothing HTTP/1.1\r\nhost: x\r\n\r\n";
    let (mut many, mut other) = (app.connect(), app.connect());
    // Both connections are open before the requests.
    for wire in [&mut many, &mut other] {
        wire.send(ask);
        wire.answer().error(404, "not_found");
    }
    many.send_meanwhile(ask.repeat(MANY));
    many.answer().error(404, "not_found");
    let answered = AtomicUsize::new(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 1..MANY {
                many.answer();
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
        for _ in 0..5 {
            other.send(ask);
            other.answer().error(404, "not_found");
        }
        let before = answered.load(Ordering::Relaxed);
        assert!(before < MANY / 2, "the other connection has waited for {before}");
    });
}

#[test]
fn a_client_that_reads_nothing_leaves_memory_to_others() {
    let app = App::start();
    const BUNDLE: &str = "/apidocs/swagger-ui-bundle.js";
    let get = format!("GET {BUNDLE} HTTP/1.1\r\nhost: x\r\n\r\n");
    let wires: Vec<_> = (0..100)
        .map(|_| {
            // The first responses fill the buffers of the socket.
            let mut wire = app.connect();
            wire.send(get.repeat(16));
            wire
        })
        .collect();
    let attempts = || {
        (0..500).map(|_| {
            thread::sleep(Duration::from_millis(10));
            app.anonymous().get(BUNDLE)
        })
    };
    let refused = attempts().find(|answer| answer.status == 429).unwrap();
    assert!(!refused.header("retry-after").is_empty());
    app.anonymous().get("/api/v1/books").expect(200);
    drop(wires);
    assert!(attempts().any(|answer| answer.status == 200));
}
