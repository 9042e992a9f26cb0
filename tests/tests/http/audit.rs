//! The audit trail in the log.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use bookshelf_tests::app::{App, Client};
use serde_json::{Value, json};

#[test]
fn what_happens_to_accounts_is_logged_with_its_request_and_its_user() {
    let app = App::with(&[("BOOKSHELF_REFRESH_REUSE_GRACE", "0s")]);
    let (ann, admin) = (app.user("ann"), app.admin());
    let id = ann.login().user["id"].clone();
    let wrong = json!({"email": "ann@example.com", "password": "wrong horse battery"});
    app.anonymous().post("/api/v1/auth/login", wrong).expect(401);
    let wish = json!({"name": "x", "permissions": ["read"]});
    let key = ann.post("/api/v1/api-keys", wish).expect(201);
    ann.delete(key.header("location")).expect(204);
    ann.get("/api/v1/users").expect(403);
    let spend = || {
        let token = ann.login().refresh_token.clone();
        app.anonymous().request("POST", "/api/v1/auth/refresh").bearer(&token).send()
    };
    spend().expect(200);
    spend().expect(401);
    app.login("ann@example.com").request("POST", "/api/v1/auth/logout").send().expect(204);
    let address = format!("/api/v1/users/{id}");
    admin.patch(&address, json!({"role": "admin"})).expect(200);
    admin.delete(&address).expect(204);

    let log = log_with(&app, "account_deleted");
    let audit: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|event: &Value| event["message"] == "audit" && event["user_id"] == id)
        .collect();
    for name in [
        "user_created",
        "login",
        "login_failed",
        "api_key_created",
        "api_key_revoked",
        "access_refused",
        "refresh",
        "refresh_token_reused",
        "logout",
        "role_set",
        "account_deleted",
    ] {
        let event = audit.iter().find(|event| event["event"] == name);
        let request = event.map(|event| event["span"]["request_id"].clone());
        assert!(request.is_some_and(|request| request.is_string()), "{name}: {event:?}");
        assert_eq!(event.unwrap()["span"]["address"], "127.0.0.1", "{name}");
    }
}

/// The log, once it contains this text. A thread of its own writes it.
fn log_with(app: &App, text: &str) -> String {
    let mut logs = std::iter::repeat_with(|| {
        thread::sleep(Duration::from_millis(20));
        app.log()
    });
    logs.by_ref().take(250).find(|log| log.contains(text)).unwrap_or_default()
}

/// The lines of the log for which the message is `message`.
fn events(log: &str, message: &str) -> Vec<Value> {
    let events = log.lines().filter_map(|line| serde_json::from_str(line).ok());
    events.filter(|event: &Value| event["message"] == message).collect()
}

/// Fails to log in as ann, from this address behind the proxy.
fn fail_login(client: &Client, address: &str) {
    let wrong = json!({"email": "ann@example.com", "password": "wrong horse battery"});
    let request = client.request("POST", "/api/v1/auth/login").header("x-forwarded-for", address);
    request.json(&wrong).send().error(401, "invalid_credentials");
}

/// The proxy of all clients is trusted.
const BEHIND_PROXY: (&str, &str) = ("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.1");

#[test]
fn a_line_of_the_access_log_names_the_address_and_the_principal() {
    let app = App::with(&[BEHIND_PROXY]);
    let ann = app.user("ann");
    let wish = json!({"name": "x", "permissions": ["read"]});
    let key = ann.post("/api/v1/api-keys", wish).expect(201).data();
    let from = |client: &Client, path: &str| {
        client.request("GET", path).header("x-forwarded-for", "203.0.113.9")
    };
    from(&ann, "/api/v1/auth/me").send().expect(200);
    let secret = key["key"].as_str().unwrap();
    from(&app.anonymous(), "/api/v1/shelf").header("x-api-key", secret).send().expect(200);
    from(&app.anonymous(), "/api/v1/users").send().expect(401);
    // A refused request is that of its principal too.
    from(&ann, "/api/v1/users/1").send().expect(403);
    from(&app.anonymous(), "/api/v1/books").send().expect(200);
    let log = log_with(&app, "/api/v1/books");
    let lines = events(&log, "request");
    let user = &ann.login().user["id"];
    for (path, user, key) in [
        ("/api/v1/auth/me", user, &Value::Null),
        ("/api/v1/shelf", &Value::Null, &key["id"]),
        ("/api/v1/users", &Value::Null, &Value::Null),
        ("/api/v1/users/1", user, &Value::Null),
        ("/api/v1/books", &Value::Null, &Value::Null),
    ] {
        let line = lines.iter().find(|line| line["path"] == path).unwrap();
        assert_eq!(line["address"], "203.0.113.9", "{line}");
        assert_eq!((&line["user_id"], &line["api_key_id"]), (user, key), "{line}");
    }
    let refused = events(&log, "audit").into_iter().find(|line| line["event"] == "access_refused");
    assert_eq!(&refused.unwrap()["span"]["user_id"], user);
}

#[test]
fn a_setting_shortens_the_address_or_leaves_it_out() {
    for (how, address) in [("short", json!("203.0.113.0/24")), ("off", Value::Null)] {
        let app = App::with(&[BEHIND_PROXY, ("BOOKSHELF_LOG_ADDRESS", how)]);
        fail_login(&app.anonymous(), "203.0.113.9");
        let log = log_with(&app, "\"path\":\"/api/v1/auth/login\"");
        assert_eq!(events(&log, "audit")[0]["span"]["address"], address, "{log}");
        assert_eq!(events(&log, "request")[0]["address"], address, "{log}");
        assert!(!log.contains("203.0.113.9"), "{log}");
    }
}

#[test]
fn a_failed_login_is_traced_whatever_level_is_logged() {
    // The test learns the address of the server from the log.
    let app = App::with(&[BEHIND_PROXY, ("BOOKSHELF_LOG", "warn,bookshelf::commands::serve=info")]);
    fail_login(&app.anonymous(), "2001:db8::9");
    let log = log_with(&app, "login_failed");
    assert_eq!(events(&log, "audit")[0]["span"]["address"], "2001:db8::9", "{log}");
}

#[test]
fn fail2ban_finds_the_addresses_of_failed_logins() {
    if Command::new("fail2ban-regex").arg("--version").output().is_err() {
        eprintln!("left out: there is no fail2ban-regex");
        return;
    }
    let app = App::with(&[BEHIND_PROXY]);
    let ann = app.user("ann");
    fail_login(&app.anonymous(), "203.0.113.9");
    fail_login(&app.anonymous(), "2001:db8::9");
    let unknown = json!({"email": "nobody@example.com", "password": "wrong horse battery"});
    let unknown = app.anonymous().request("POST", "/api/v1/auth/login").json(&unknown);
    unknown.header("x-forwarded-for", "203.0.113.10").send().expect(401);
    let wrong = json!({"current_password": "wrong horse", "new_password": "a better password"});
    let refused = ann.request("POST", "/api/v1/auth/password").json(&wrong);
    refused.header("x-forwarded-for", "203.0.113.11").send().expect(401);
    // None of these is a failed login, or the address in it is one that the client invented.
    ann.request("GET", "/api/v1/auth/me").header("x-forwarded-for", "203.0.113.20").send();
    let lie = r#"},"level":"WARN","event":"login_failed","span":{"address":"198.51.100.1"}"#;
    let lying = json!({"email": "nobody@example.com", "password": lie});
    let lying = app.anonymous().request("POST", "/api/v1/auth/login").json(&lying);
    let lying = lying.header("x-request-id", lie).header("user-agent", lie);
    lying.header("x-forwarded-for", "203.0.113.12").send().expect(401);
    let log = log_with(&app, "203.0.113.12");
    let file = app.program().folder().join("copy.log");
    std::fs::write(&file, &log).unwrap();
    // The journal puts a host and a program before each line.
    let journal = log.lines().map(|line| format!("host bookshelf[7]: {line}\n"));
    let journal_file = app.program().folder().join("journal.log");
    std::fs::write(&journal_file, journal.collect::<String>()).unwrap();
    let filter = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy/fail2ban/filter.d/bookshelf.conf")
        .canonicalize()
        .unwrap();
    for file in [&file, &journal_file] {
        let found = Command::new("fail2ban-regex")
            .args(["--out", "ip"])
            .args([file, &filter])
            .output()
            .unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        let mut found: Vec<_> = found.split_whitespace().collect();
        found.sort_unstable();
        let expected =
            ["2001:db8::9", "203.0.113.10", "203.0.113.11", "203.0.113.12", "203.0.113.9"];
        assert_eq!(found, expected, "{log}");
    }
}
