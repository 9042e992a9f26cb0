//! Requests that are sent again, from outside.

use std::thread;
use std::time::Duration;

use bookshelf_domain::Clock;
use bookshelf_infrastructure::system::SystemClock;
use bookshelf_tests::app::{Answer, App, Client, on_postgres};
use chrono::TimeDelta;
use serde_json::json;

fn add(client: &Client, key: &str, title: &str) -> Answer {
    client
        .request("POST", "/api/v1/books")
        .header("idempotency-key", key)
        .json(&json!({"title": title, "author": "B"}))
        .send()
}

fn count(app: &App) -> u64 {
    app.anonymous().get("/api/v1/books").expect(200).json()["pagination"]["total_items"]
        .as_u64()
        .unwrap()
}

#[test]
fn the_same_request_gets_the_same_answer_after_a_restart_too() {
    let mut app = App::start();
    let ann = app.user("ann");
    let first = add(&ann, "k1", "A").expect(201);
    let again = add(&ann, "k1", "A").expect(201);
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(first.headers.get("idempotency-replayed").is_none());

    app.restart();
    let ann = app.login("ann@example.com");
    assert_eq!(add(&ann, "k1", "A").expect(201).body, first.body);
    assert_eq!(count(&app), 1);
}

#[test]
fn another_body_is_refused_and_another_user_is_another() {
    let app = App::start();
    let (ann, bob) = (app.user("ann"), app.user("bob"));
    add(&ann, "k", "A").expect(201);
    add(&ann, "k", "B").error(422, "idempotency_key_reused");
    add(&bob, "k", "B").expect(201);
    assert_eq!(count(&app), 2);
}

#[test]
fn what_was_refused_may_be_tried_again() {
    let app = App::start();
    let ann = app.user("ann");
    let book = |isbn: &str| {
        ann.request("POST", "/api/v1/books")
            .header("idempotency-key", "k")
            .json(&json!({"title": "A", "author": "B", "isbn": isbn}))
            .send()
    };
    book("12").error(422, "validation_failed");
    book("9780132350884").expect(201);
}

#[test]
fn of_many_at_once_one_is_carried_out() {
    let app = App::start();
    let ann = app.user("ann");
    let bodies: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> =
            (0..20).map(|_| scope.spawn(|| add(&ann, "k", "A").expect(201).body)).collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(count(&app), 1);
}

#[test]
fn the_secret_of_an_api_key_is_given_again_but_not_kept() {
    let app = App::start();
    let ann = app.user("ann");
    let make = || {
        ann.request("POST", "/api/v1/api-keys")
            .header("idempotency-key", "a key of the client")
            .json(&json!({"name": "x", "permissions": ["read"]}))
            .send()
            .error(400, "bad_request")
    };
    make();
    let make = || {
        ann.request("POST", "/api/v1/api-keys")
            .header("idempotency-key", "a-key-of-the-client")
            .json(&json!({"name": "x", "permissions": ["read"]}))
            .send()
            .expect(201)
    };
    let first = make();
    assert_eq!(make().body, first.body);
    assert_eq!(ann.get("/api/v1/api-keys").data().as_array().unwrap().len(), 1);
    let secret = first.data()["key"].as_str().unwrap().to_owned();
    if on_postgres() {
        return; // The files are elsewhere.
    }
    for entry in std::fs::read_dir(app.program().folder().join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue; // Covers.
        }
        let bytes = std::fs::read(path).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}

#[test]
fn a_registration_can_be_sent_again() {
    let app = App::start();
    let register = |email: &str| {
        app.anonymous()
            .request("POST", "/api/v1/auth/register")
            .header("idempotency-key", "r")
            .json(&json!({"email": email, "password": "correct horse battery"}))
            .send()
    };
    let first = register("ann@example.com").expect(201);
    assert_eq!(register("ann@example.com").expect(201).body, first.body);
    register("bob@example.com").error(422, "idempotency_key_reused");
}

#[test]
fn strangers_may_choose_the_same_key() {
    let app = App::with(&[("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.0/8")]);
    let register = |name: &str, from: &str| {
        app.anonymous()
            .request("POST", "/api/v1/auth/register")
            .header("idempotency-key", "1")
            .header("x-forwarded-for", from)
            .json(&json!({"email": format!("{name}@example.com"), "password": "correct horse"}))
            .send()
    };
    register("ann", "203.0.113.1").expect(201);
    register("bob", "203.0.113.2").expect(201);
    register("cid", "2001:db8::1").expect(201);
    let again = register("ann", "203.0.113.1").expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let again = register("cid", "2001:db8::2").expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true", "the same household");
    // A stranger with the same request does not see what was created for someone else.
    register("ann", "203.0.113.3").error(409, "email_taken");
}

#[test]
fn a_retry_gets_the_first_answer_although_its_expiry_has_passed_meanwhile() {
    let app = App::start();
    let admin = app.admin();
    let expires_at = (SystemClock.now() + TimeDelta::seconds(2)).to_rfc3339();
    let make = |path: &str, key: &str, expires_at: &str| {
        let body = match path {
            "/api/v1/invites" => json!({"expires_at": expires_at}),
            _ => json!({"name": "x", "permissions": ["read"], "expires_at": expires_at}),
        };
        // A key is for one address.
        let key = format!("{key}-{}", path.len());
        admin.request("POST", path).header("idempotency-key", &key).json(&body).send()
    };
    let paths = ["/api/v1/api-keys", "/api/v1/invites"];
    let first = paths.map(|path| make(path, "k1", &expires_at).expect(201));
    thread::sleep(Duration::from_millis(2100));
    for (path, first) in paths.into_iter().zip(first) {
        let again = make(path, "k1", &expires_at).expect(201);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(make(path, "k2", &expires_at).faults(), ["expires_at"], "not a retry");
        make(path, "k1", "2020-01-01T00:00:00Z").error(422, "idempotency_key_reused");
        assert_eq!(make(path, "k3", "2020-01-01T00:00:00Z").faults(), ["expires_at"]);
    }
}
