//! The audit trail in the log.

use std::thread;
use std::time::Duration;

use bookshelf_tests::app::App;
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

    // The log is written by a thread of its own.
    let written = |log: &String| log.contains("account_deleted");
    let mut logs = std::iter::repeat_with(|| {
        thread::sleep(Duration::from_millis(20));
        app.log()
    });
    let log = logs.by_ref().take(250).find(written).unwrap_or_default();
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
    }
}
