//! How much a client may ask for in a time.

use std::thread;
use std::time::{Duration, Instant};

use bookshelf_tests::app::{Answer, App};
use bookshelf_tests::{Link, servers};
use serde_json::json;

const LIMIT: &str = "BOOKSHELF_RATE_LIMIT_LOGIN";
const ACCOUNT_LIMIT: &str = "BOOKSHELF_RATE_LIMIT_LOGIN_ACCOUNT";

fn log_in_wrongly(app: &App, from: &str) -> Answer {
    log_in_wrongly_as(app, from, from)
}

fn log_in_wrongly_as(app: &App, name: &str, from: &str) -> Answer {
    let credentials = json!({"email": format!("{name}@example.com"), "password": "wrong"});
    let request = app.anonymous().request("POST", "/api/v1/auth/login").json(&credentials);
    request.header("x-forwarded-for", from).send()
}

fn seconds(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().unwrap()
}

#[test]
fn of_fifty_wrong_passwords_five_are_looked_at_and_the_rest_told_how_long_to_wait() {
    let app = App::with(&[(LIMIT, "5/minute")]);
    // The window begins with the first of them, some time between these two.
    let before = Instant::now();
    log_in_wrongly(&app, "0").error(401, "invalid_credentials");
    let after = Instant::now();
    for number in 1..5 {
        log_in_wrongly(&app, &number.to_string()).error(401, "invalid_credentials");
    }
    for number in 5..50 {
        let sent = after.elapsed();
        let refused = log_in_wrongly(&app, &number.to_string());
        refused.error(429, "rate_limited");
        let wait = Duration::from_secs(seconds(&refused));
        assert!(wait + before.elapsed() >= Duration::from_secs(60), "{wait:?} is too short");
        assert!(wait + sent < Duration::from_secs(61), "{wait:?} is too long");
    }
}

#[test]
fn after_the_wait_that_is_told_the_next_is_looked_at() {
    let app = App::with(&[(LIMIT, "1/second")]);
    let patience = Instant::now() + Duration::from_secs(60);
    let refused = loop {
        let answer = log_in_wrongly(&app, "ann");
        if answer.status == 429 {
            break answer;
        }
        assert!(Instant::now() < patience, "no login is refused");
    };
    thread::sleep(Duration::from_secs(seconds(&refused)));
    log_in_wrongly(&app, "ann").error(401, "invalid_credentials");
}

#[test]
fn behind_a_trusted_proxy_each_client_is_one_of_its_own() {
    let app = App::with(&[(LIMIT, "1/hour"), ("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.0/8")]);
    for from in ["203.0.113.1", "203.0.113.2", "::ffff:203.0.113.3", "2001:db8::1"] {
        log_in_wrongly(&app, from).error(401, "invalid_credentials");
    }
    for from in ["203.0.113.1", "1.1.1.1, 203.0.113.2", "203.0.113.3", "2001:db8::2"] {
        log_in_wrongly(&app, from).error(429, "rate_limited");
    }
}

#[test]
fn wrong_passwords_from_elsewhere_do_not_lock_the_owner_out() {
    let settings = [(LIMIT, "5/minute"), (ACCOUNT_LIMIT, "100/hour"), PROXIES];
    let app = App::with(&settings);
    app.user("ann");
    for _ in 0..5 {
        log_in_wrongly_as(&app, "ann", "203.0.113.1").error(401, "invalid_credentials");
    }
    log_in_wrongly_as(&app, "ann", "203.0.113.1").error(429, "rate_limited");
    log_in_rightly(&app, "203.0.113.2").expect(200);
}

#[test]
fn an_attack_from_many_addresses_is_slowed() {
    let redis = servers::redis();
    let shared = redis.as_ref().map(|url| ("BOOKSHELF_REDIS_URL", url.as_str()));
    for shared in [None, shared] {
        let settings = [(ACCOUNT_LIMIT, "20/hour"), PROXIES];
        let settings: Vec<_> = settings.into_iter().chain(shared).collect();
        let app = App::with(&settings);
        let name = servers::unique();
        app.user(&name);
        for number in 0..20 {
            let answer = log_in_wrongly_as(&app, &name, &format!("203.0.113.{number}"));
            answer.error(401, "invalid_credentials");
        }
        let refused = log_in_wrongly_as(&app, &name, "203.0.113.99");
        refused.error(429, "rate_limited");
        assert!(seconds(&refused) > 3_000);
        // An unknown account is refused in the same way.
        let unknown = servers::unique();
        for number in 0..20 {
            log_in_wrongly_as(&app, &unknown, &format!("203.0.113.{number}"));
        }
        log_in_wrongly_as(&app, &unknown, "203.0.113.99").error(429, "rate_limited");
    }
}

#[test]
fn good_logins_do_not_count_for_the_account() {
    let app = App::with(&[(ACCOUNT_LIMIT, "3/hour"), PROXIES]);
    app.user("ann");
    for number in 0..8 {
        log_in_rightly(&app, &format!("203.0.113.{number}")).expect(200);
    }
}

const PROXIES: (&str, &str) = ("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.0/8");

fn log_in_rightly(app: &App, from: &str) -> Answer {
    let credentials = json!({"email": "ann@example.com", "password": "correct horse battery"});
    let request = app.anonymous().request("POST", "/api/v1/auth/login").json(&credentials);
    request.header("x-forwarded-for", from).send()
}

#[test]
fn two_servers_on_one_redis_share_one_count() {
    let Some(redis) = servers::redis() else { return };
    let settings = [
        (LIMIT, "5/minute"),
        ("BOOKSHELF_REDIS_URL", redis.as_str()),
        ("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let settings = [&settings[..], &[(ACCOUNT_LIMIT, "5/minute")]].concat();
    let servers = [App::with(&settings), App::with(&settings)];
    wait_until_shared(&servers);
    let (name, from) = (servers::unique(), unique_address());
    for number in 0..5 {
        let (one, other) = (servers::unique(), unique_address());
        let server = &servers[number % 2];
        log_in_wrongly_as(server, &one, &from).error(401, "invalid_credentials");
        log_in_wrongly_as(server, &name, &other).error(401, "invalid_credentials");
    }
    for server in &servers {
        log_in_wrongly_as(server, &servers::unique(), &from).error(429, "rate_limited");
        log_in_wrongly_as(server, &name, &unique_address()).error(429, "rate_limited");
    }
}

#[test]
fn without_redis_a_server_goes_on_and_counts_alone() {
    let Some(redis) = servers::redis() else { return };
    for stop in [Link::cut, Link::freeze] {
        let link = Link::to(&redis);
        let settings = [
            (LIMIT, "5/minute"),
            ("BOOKSHELF_RATE_LIMIT_READ", "600/minute"),
            ("BOOKSHELF_REDIS_URL", link.url()),
            ("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.1"),
        ];
        let servers = [App::with(&settings), App::with(&settings)];
        wait_until_shared(&servers);
        stop(&link);
        let from = unique_address();
        for _ in 0..5 {
            let name = servers::unique();
            log_in_wrongly_as(&servers[0], &name, &from).error(401, "invalid_credentials");
        }
        log_in_wrongly_as(&servers[0], "ann", &from).error(429, "rate_limited");
        servers[0].anonymous().get("/api/v1/books").expect(200);
        log_in_wrongly_as(&servers[1], "ann", &from).error(401, "invalid_credentials");
        link.mend();
        wait_until_shared(&servers);
    }
}

/// A server that has not found Redis yet counts alone.
fn wait_until_shared(servers: &[App; 2]) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let from = unique_address();
        let [_, last] = servers.each_ref().map(|server| log_in_wrongly(server, &from));
        if last.header("ratelimit").contains(";r=3;") {
            return;
        }
        assert!(Instant::now() < patience, "{last:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// In a network of its own, of those for documentation (RFC 3849).
fn unique_address() -> String {
    let word = servers::unique();
    format!("2001:db8:{}:{}::1", &word[..4], &word[4..8])
}

#[test]
fn a_session_keeps_the_address_of_its_client() {
    let app = App::with(&[("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.1")]);
    let ann = app.user("ann");
    let body = json!({"email": "ann@example.com", "password": "correct horse battery"});
    let login = app.anonymous().request("POST", "/api/v1/auth/login").json(&body);
    login.header("forwarded", "for=\"[2001:db8::1]:4711\";proto=https").send().expect(200);
    let sessions = ann.get("/api/v1/auth/sessions").expect(200).data();
    let addresses: Vec<_> =
        sessions.as_array().unwrap().iter().map(|one| &one["address"]).collect();
    assert_eq!(addresses, ["2001:db8::1", "127.0.0.1"]);
}

#[test]
fn whoever_reads_is_told_how_it_stands() {
    let app = App::with(&[("BOOKSHELF_RATE_LIMIT_READ", "600/minute")]);
    let answer = app.anonymous().get("/api/v1/books").expect(200);
    assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=600;w=60");
    assert_eq!(answer.header("ratelimit"), "\"read\";r=599;t=60");
    for path in ["/health", "/api/health", "/health/ready", "/.well-known/jwks.json"] {
        assert_eq!(app.anonymous().get(path).expect(200).header("ratelimit"), "", "{path}");
    }
    let paths = ["/apidocs/", "/", "/api/v1/openapi.json", "/nowhere", "/api/v1/books/x"];
    for (left, path) in (0..=598).rev().zip(paths) {
        let answer = app.anonymous().get(path);
        assert_eq!(answer.header("ratelimit"), format!("\"read\";r={left};t=60"), "{path}");
    }
    app.anonymous().get("/apidocs/?x=1").expect(200);
}
