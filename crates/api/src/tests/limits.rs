//! Rate limits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use bookshelf_domain::limits::{MockRateLimiter, Quota, Spent};
use serde_json::Value;

use super::support::{Answer, RequestExt, Setup, book, get};
use crate::{Quotas, TrustedProxies, openapi};

/// The counts by key, which several setups may share.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<HashMap<String, u32>>>);

impl Counts {
    /// Counts 5 logins and password calls, 2 registrations, 3 writes and 9 reads a minute; the
    /// window always has 42 seconds left.
    fn limit(&self, mut setup: Setup) -> Setup {
        let quota = |text: &str| Some(text.parse::<Quota>().unwrap());
        setup.quotas = Quotas {
            login: quota("5/minute"),
            register: quota("2/minute"),
            password: quota("5/minute"),
            write: quota("3/minute"),
            read: quota("9/minute"),
        };
        setup.limiter = self.limiter();
        setup
    }

    fn limiter(&self) -> MockRateLimiter {
        let counts = self.0.clone();
        let mut limiter = MockRateLimiter::new();
        limiter.expect_spend().returning(move |key, quota, _| {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(key.to_owned()).or_default();
            let allowed = *count < quota.requests.get();
            *count += u32::from(allowed);
            Ok(Spent { allowed, remaining: quota.requests.get() - *count, reset_seconds: 42 })
        });
        limiter
    }

    fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.0.lock().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    }
}

fn from(address: &str, request: TestRequest) -> TestRequest {
    request.peer_addr(format!("{address}:4711").parse().unwrap())
}

fn post(uri: &str, body: &str) -> TestRequest {
    TestRequest::post().uri(uri).json(body)
}

/// Logs in to an unknown account, which looks the same as a wrong password.
async fn login(counts: &Counts, address: &str, email: &str) -> Answer {
    let mut setup = Setup::new();
    setup.users.expect_find_by_email().returning(|_| Ok(None));
    setup.hasher.expect_verify().returning(|_, _| Ok(false));
    let body = format!("{{\"email\": \"{email}\", \"password\": \"wrong\"}}");
    counts.limit(setup).call(from(address, post("/api/v1/auth/login", &body))).await
}

fn limit_headers(answer: &Answer) -> (&str, &str) {
    (answer.header("ratelimit-policy"), answer.header("ratelimit"))
}

#[actix_web::test]
async fn the_sixth_login_from_an_address_is_refused() {
    let counts = Counts::default();
    for left in (0..5).rev() {
        let answer = login(&counts, "192.0.2.1", &format!("user{left}@example.com")).await;
        answer.error(401, "invalid_credentials");
        let rest = format!("\"login\";r={left};t=42");
        assert_eq!(limit_headers(&answer), ("\"login\";q=5;w=60", rest.as_str()));
        assert_eq!(answer.header("retry-after"), "");
    }
    let refused = login(&counts, "192.0.2.1", "ann@example.com").await;
    refused.error(429, "rate_limited");
    assert_eq!(limit_headers(&refused), ("\"login\";q=5;w=60", "\"login\";r=0;t=42"));
    assert_eq!(refused.header("retry-after"), "42");
    login(&counts, "192.0.2.2", "ann@example.com").await.error(401, "invalid_credentials");
}

#[actix_web::test]
async fn an_attack_on_an_account_from_many_addresses_is_limited_and_ends_no_session() {
    let counts = Counts::default();
    for last in 1..=5 {
        let email = if last % 2 == 0 { "ann@example.com" } else { " Ann@Example.COM" };
        let answer = login(&counts, &format!("192.0.2.{last}"), email).await;
        answer.error(401, "invalid_credentials");
        let rest = format!("\"login\";r={};t=42", 5 - last);
        assert_eq!(answer.header("ratelimit"), rest, "the nearer of the two limits");
    }
    login(&counts, "192.0.2.6", "ann@example.com").await.error(429, "rate_limited");
    login(&counts, "192.0.2.6", "ben@example.com").await.error(401, "invalid_credentials");
    let me = counts.limit(Setup::new()).call(get("/api/v1/auth/me").bearing("user")).await;
    assert_eq!(me.status, 200, "the owner's session continues");
    assert!(counts.keys().iter().all(|key| !key.contains('@') && !key.contains("ann")));
}

#[actix_web::test]
async fn an_address_without_logins_left_does_not_use_up_those_of_an_account() {
    let counts = Counts::default();
    for _ in 0..5 {
        login(&counts, "192.0.2.1", "ben@example.com").await;
    }
    for _ in 0..5 {
        login(&counts, "192.0.2.1", "ann@example.com").await.error(429, "rate_limited");
    }
    login(&counts, "192.0.2.2", "ann@example.com").await.error(401, "invalid_credentials");
}

#[actix_web::test]
async fn refusals_have_the_preferred_format_at_every_form_of_a_path() {
    let counts = Counts::default();
    let register = || {
        let request = post("/api/auth/register/", "{}");
        from("192.0.2.1", request.insert_header(("accept", "application/problem+json")))
    };
    for _ in 0..2 {
        assert_eq!(counts.limit(Setup::new()).call(register()).await.status, 422);
    }
    let refused = counts.limit(Setup::new()).call(register()).await;
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.json()["reason"], "rate_limited");
    assert_eq!(limit_headers(&refused), ("\"register\";q=2;w=60", "\"register\";r=0;t=42"));
}

#[actix_web::test]
async fn a_user_is_counted_as_one_at_all_addresses() {
    let counts = Counts::default();
    for last in 1..=3 {
        let request = post("/api/v1/books", "{}").bearing("user");
        let request = from(&format!("192.0.2.{last}"), request);
        assert_eq!(counts.limit(Setup::new()).call(request).await.status, 422);
    }
    let request = from("192.0.2.9", post("/api/v1/books", "{}").bearing("user"));
    let refused = counts.limit(Setup::new()).call(request).await;
    refused.error(429, "rate_limited");
    assert_eq!(limit_headers(&refused), ("\"write\";q=3;w=60", "\"write\";r=0;t=42"));
    assert_eq!(counts.keys(), ["write:user:3"]);
    let reading = counts.limit(Setup::new()).call(get("/api/v1/auth/me").bearing("user")).await;
    assert_eq!(limit_headers(&reading), ("\"read\";q=9;w=60", "\"read\";r=8;t=42"));
}

#[actix_web::test]
async fn a_request_without_valid_credentials_is_counted_by_address() {
    let counts = Counts::default();
    for token in ["expired", "revoked", "guessed"] {
        let request = post("/api/v1/books", "{}").bearing(token);
        let answer = counts.limit(Setup::new()).call(from("192.0.2.1", request)).await;
        assert_eq!(answer.status, 401);
    }
    let request = from("192.0.2.1", post("/api/v1/books", "{}").bearing("guessed"));
    counts.limit(Setup::new()).call(request).await.error(429, "rate_limited");
    let mut setup = Setup::new();
    setup.reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    let read = counts.limit(setup).call(from("192.0.2.1", get("/api/v1/books/7"))).await;
    assert_eq!(limit_headers(&read), ("\"read\";q=9;w=60", "\"read\";r=8;t=42"));
    assert_eq!(counts.keys(), ["read:address:192.0.2.1", "write:address:192.0.2.1"]);
}

#[actix_web::test]
async fn calls_with_a_password_are_counted_by_address_and_as_writes_of_the_user() {
    let counts = Counts::default();
    let request = post("/api/v1/auth/password", "{}").bearing("user");
    let answer = counts.limit(Setup::new()).call(from("192.0.2.1", request)).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("ratelimit"), "\"write\";r=2;t=42", "the nearer one");
    let request = post("/api/v1/auth/delete-account", "{}").bearing("admin");
    let answer = counts.limit(Setup::new()).call(from("192.0.2.1", request)).await;
    assert_eq!(answer.status, 422);
    assert_eq!(counts.keys(), ["password:address:192.0.2.1", "write:user:3"]);
}

#[actix_web::test]
async fn behind_a_trusted_proxy_the_client_is_counted() {
    let counts = Counts::default();
    let mut setup = Setup::new();
    setup.trusted_proxies = TrustedProxies::new(vec!["192.0.2.0/24".parse().unwrap()]);
    let request = get("/api/v1").insert_header(("x-forwarded-for", "1.1.1.1, 2001:db8::1"));
    counts.limit(setup).call(from("192.0.2.1", request)).await;
    assert_eq!(counts.keys(), ["read:address:20010db800000000"]);
}

#[actix_web::test]
async fn without_a_quota_nothing_is_counted() {
    // A limiter without expectations must not be called.
    let mut setup = Setup::new();
    setup.users.expect_find_by_email().returning(|_| Ok(None));
    setup.hasher.expect_verify().returning(|_, _| Ok(false));
    let body = r#"{"email": "ann@example.com", "password": "wrong"}"#;
    let answer = setup.call(post("/api/v1/auth/login", body)).await;
    answer.error(401, "invalid_credentials");
    assert_eq!(limit_headers(&answer), ("", ""));
}

#[actix_web::test]
async fn every_operation_of_the_api_is_limited_and_nothing_else() {
    let document = serde_json::to_value(openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let uri = path.replace("{id}", "1").replace("{isbn}", "1").replace("{file}", "x");
            let method: Method = method.to_uppercase().parse().unwrap();
            let mut setup = Counts::default().limit(Setup::new());
            setup.reader.expect_find().returning(|_| Ok(None));
            // No list knows this parameter, so the mocks need no books.
            let request = TestRequest::with_uri(&format!("{uri}?x=1")).method(method);
            let answer = setup.call(request).await;
            let limited = path.starts_with("/api/v1") && !path.ends_with("/openapi.json");
            assert_eq!(!answer.header("ratelimit").is_empty(), limited, "{path}: {answer:?}");
            assert_eq!(is_documented(operation), limited, "{path}");
        }
    }
}

fn is_documented(operation: &Value) -> bool {
    let responses = operation["responses"].as_object().unwrap();
    responses.contains_key("429")
        && responses
            .iter()
            .filter(|(status, _)| status.starts_with('2'))
            .all(|(_, response)| response["headers"]["RateLimit-Policy"].is_object())
}
