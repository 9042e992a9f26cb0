//! Rate limits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use bookshelf_domain::accounts::{PasswordHash, Role, StoredCredentials};
use bookshelf_domain::limits::{MockRateLimiter, Quota, Spent};
use serde_json::Value;

use super::support::{Answer, RequestExt, Setup, book, get, session, user};
use crate::{Quotas, TrustedProxies, openapi};

/// The counts by key, which several setups may share.
#[derive(Debug, Clone, Default)]
struct Counts(Arc<Mutex<HashMap<String, u32>>>);

impl Counts {
    /// Counts 5 logins, 12 failed logins to an account, 5 password calls, 2 registrations, 3 writes and 9 reads a minute; the
    /// window always has 42 seconds left.
    fn limit(&self, mut setup: Setup) -> Setup {
        let quota = |text: &str| Some(text.parse::<Quota>().unwrap());
        setup.quotas = Quotas {
            login: quota("5/minute"),
            login_account: quota("12/hour"),
            register: quota("2/minute"),
            password: quota("5/minute"),
            write: quota("3/minute"),
            read: quota("9/minute"),
        };
        setup.limiter = self.limiter();
        setup
    }

    fn limiter(&self) -> MockRateLimiter {
        let (counts, refunds) = (self.0.clone(), self.0.clone());
        let mut limiter = MockRateLimiter::new();
        limiter.expect_refund().returning(move |key, _, _| {
            *refunds.lock().unwrap().get_mut(key).unwrap() -= 1;
            Ok(())
        });
        limiter.expect_spend().returning(move |key, quota, _| {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(key.to_owned()).or_default();
            let allowed = *count < quota.requests.get();
            *count += u32::from(allowed);
            Ok(Spent { allowed, remaining: quota.requests.get() - *count, reset_seconds: 42 })
        });
        limiter
    }

    /// The counts of failed logins to accounts.
    fn failures(&self) -> Vec<u32> {
        let counts = self.0.lock().unwrap();
        let failures = counts.iter().filter(|(key, _)| key.starts_with("login-account:"));
        let mut failures: Vec<_> = failures.map(|(_, count)| *count).collect();
        failures.sort_unstable();
        failures
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

/// Logs in with the right password.
async fn log_in_rightly(counts: &Counts, address: &str) -> Answer {
    let mut setup = Setup::new();
    let stored = || {
        let password_hash = PasswordHash::new("hash");
        Ok(Some(StoredCredentials { user: user(Role::User), password_hash }))
    };
    setup.users.expect_find_by_email().returning(move |_| stored());
    setup.users.expect_credentials().returning(move |_| stored());
    setup.hasher.expect_verify().returning(|_, _| Ok(true));
    setup.hasher.expect_is_outdated().return_const(false);
    setup.sessions.expect_open().returning(|_| Ok(Some(session(1))));
    let body = r#"{"email": "ann@example.com", "password": "right"}"#;
    counts.limit(setup).call(from(address, post("/api/v1/auth/login", body))).await
}

#[actix_web::test]
async fn all_networks_of_one_customer_are_one_address_for_an_account() {
    let counts = Counts::default();
    for network in 0..5 {
        let address = format!("[2001:db8:0:{network}::1]");
        login(&counts, &address, "ann@example.com").await.error(401, "invalid_credentials");
    }
    login(&counts, "[2001:db8:0:ff::1]", "ann@example.com").await.error(429, "rate_limited");
    let other = login(&counts, "[2001:db8:0:100::1]", "ann@example.com").await;
    other.error(401, "invalid_credentials");
}

#[actix_web::test]
async fn an_attack_on_an_account_from_many_addresses_is_limited_and_ends_no_session() {
    let counts = Counts::default();
    for last in 1..=12 {
        let email = if last % 2 == 0 { "ann@example.com" } else { " Ann@Example.COM" };
        let answer = login(&counts, &format!("192.0.2.{last}"), email).await;
        answer.error(401, "invalid_credentials");
        assert_eq!(answer.header("ratelimit"), "\"login\";r=4;t=42", "that of the address");
    }
    let refused = login(&counts, "192.0.2.13", "ann@example.com").await;
    refused.error(429, "rate_limited");
    let headers = ("\"login-account\";q=12;w=3600", "\"login-account\";r=0;t=42");
    assert_eq!((limit_headers(&refused), refused.header("retry-after")), (headers, "42"));
    login(&counts, "192.0.2.13", "ben@example.com").await.error(401, "invalid_credentials");
    let me = counts.limit(Setup::new()).call(get("/api/v1/auth/me").bearing("user")).await;
    assert_eq!(me.status, 200, "the owner's session continues");
    assert!(counts.keys().iter().all(|key| !key.contains('@') && !key.contains("ann")));
}

#[actix_web::test]
async fn wrong_passwords_from_one_address_do_not_lock_the_owner_out() {
    let counts = Counts::default();
    for _ in 0..5 {
        login(&counts, "192.0.2.1", "ann@example.com").await.error(401, "invalid_credentials");
    }
    assert_eq!(log_in_rightly(&counts, "192.0.2.2").await.status, 200);
    // The attacker comes back each minute: now the limit of the address has ended.
    for _ in 0..8 {
        counts.0.lock().unwrap().retain(|key, _| !key.starts_with("login:"));
        login(&counts, "192.0.2.1", "ann@example.com").await.error(429, "rate_limited");
    }
    assert_eq!(log_in_rightly(&counts, "192.0.2.2").await.status, 200);
}

#[actix_web::test]
async fn only_failed_logins_stay_counted_for_the_account() {
    let counts = Counts::default();
    for last in 1..=15 {
        assert_eq!(log_in_rightly(&counts, &format!("192.0.2.{last}")).await.status, 200);
    }
    assert!(counts.failures().iter().all(|count| *count == 0), "{counts:?}");
    let incomplete = post("/api/v1/auth/login", r#"{"email": "ann@example.com"}"#);
    let answer = counts.limit(Setup::new()).call(from("192.0.2.16", incomplete)).await;
    assert_eq!(answer.faults(), ["password"]);
    assert!(counts.failures().iter().all(|count| *count == 0), "{counts:?}");
    login(&counts, "192.0.2.1", "ann@example.com").await;
    assert_eq!(counts.failures().iter().sum::<u32>(), 2, "one each: account, account and address");
}

#[actix_web::test]
async fn an_address_without_logins_left_does_not_use_up_those_of_an_account() {
    let counts = Counts::default();
    for _ in 0..5 {
        login(&counts, "192.0.2.1", "ben@example.com").await;
    }
    let before = counts.failures();
    login(&counts, "192.0.2.1", "ann@example.com").await.error(429, "rate_limited");
    assert_eq!(counts.failures(), before);
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
async fn a_public_read_is_counted_for_the_user_who_the_token_was_signed_for() {
    let counts = Counts::default();
    // The session of `revoked` has ended, but nobody else can have made the token.
    for (token, left) in [("user", 8), ("revoked", 7), ("expired", 8), ("guessed", 7)] {
        for uri in ["/api/v1", "/api/v1/books/7"] {
            let counts = if uri == "/api/v1" { counts.clone() } else { Counts::default() };
            let mut setup = Setup::new();
            setup.reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
            let request = from("192.0.2.1", get(uri).bearing(token));
            let answer = counts.limit(setup).call(request).await;
            assert_eq!(answer.status, 200, "{token}");
            let left = if uri == "/api/v1" { left } else { 8 };
            assert_eq!(answer.header("ratelimit"), format!("\"read\";r={left};t=42"), "{token}");
        }
    }
    assert_eq!(counts.keys(), ["read:address:192.0.2.1", "read:user:3"]);
    let both = get("/api/v1").bearing("user").insert_header(("x-api-key", "bks_nonsense"));
    let ambiguous = Counts::default();
    ambiguous.limit(Setup::new()).call(from("192.0.2.1", both)).await;
    assert_eq!(ambiguous.keys(), ["read:address:192.0.2.1"]);
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
    assert_eq!(counts.keys(), ["read:address:2001:db8::"]);
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
async fn every_operation_is_limited_except_for_health_checks_and_public_keys() {
    let document = serde_json::to_value(openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let uri = path.replace("{id}", "1").replace("{isbn}", "1").replace("{file}", "x");
            let method: Method = method.to_uppercase().parse().unwrap();
            let limited = !path.ends_with("/health")
                && !["/health/ready", "/.well-known/jwks.json"].contains(&path.as_str());
            for token in ["wrong", "admin"] {
                let setup = Counts::default().limit(Setup::new());
                // No operation knows this parameter, so the mocks need no books.
                let request = TestRequest::with_uri(&format!("{uri}?x=1")).method(method.clone());
                let answer = setup.call(request.bearing(token)).await;
                assert_eq!(!answer.header("ratelimit").is_empty(), limited, "{path}: {answer:?}");
            }
            assert_eq!(is_documented(operation), limited, "{path}");
        }
    }
}

#[actix_web::test]
async fn a_request_that_fits_no_operation_counts_as_a_read() {
    let misfits = [
        (Method::GET, "/nothing", 404),
        (Method::POST, "/api/v1/nothing", 404),
        (Method::PUT, "/api/v1/books/x", 404),
        (Method::GET, "/api/v1/shelf/0", 404),
        (Method::GET, "/apidocs/nothing", 404),
        (Method::POST, "/api/v1/books/7", 405),
        (Method::DELETE, "/api/v1/books/import", 405),
        (Method::POST, "/apidocs/", 405),
        (Method::OPTIONS, "/api/v1/books", 204),
    ];
    for (token, key) in [("user", "read:user:3"), ("guessed", "read:address:192.0.2.1")] {
        let counts = Counts::default();
        for (number, (method, uri, status)) in misfits.iter().enumerate() {
            let request = TestRequest::with_uri(uri).method(method.clone()).bearing(token);
            let answer = counts.limit(Setup::new()).call(from("192.0.2.1", request)).await;
            assert_eq!(answer.status, *status, "{method} {uri}");
            let rest = format!("\"read\";r={};t=42", 8 - number);
            assert_eq!(answer.header("ratelimit"), rest, "{method} {uri}");
        }
        assert_eq!(counts.keys(), [key]);
        for (method, uri, _) in &misfits {
            let request = TestRequest::with_uri(uri).method(method.clone()).bearing(token);
            let answer = counts.limit(Setup::new()).call(from("192.0.2.1", request)).await;
            answer.error(429, "rate_limited");
        }
    }
    let counts = Counts::default();
    let unacceptable = get("/api/v1/books").insert_header(("accept", "text/html"));
    counts
        .limit(Setup::new())
        .call(from("192.0.2.1", unacceptable))
        .await
        .error(406, "not_acceptable");
    assert_eq!(counts.keys(), ["read:address:192.0.2.1"]);
}

fn is_documented(operation: &Value) -> bool {
    let responses = operation["responses"].as_object().unwrap();
    responses.contains_key("429")
        && responses
            .iter()
            .filter(|(status, _)| status.starts_with('2'))
            .all(|(_, response)| response["headers"]["RateLimit-Policy"].is_object())
}
