//! API keys, from outside.

use bookshelf_tests::app::App;
use serde_json::json;

#[test]
fn a_key_is_shown_once_and_works_until_it_is_revoked() {
    let app = App::start();
    let ann = app.user("ann");
    let wish = json!({"name": "reports", "permissions": ["write", "read"]});
    let made = ann.post("/api/v1/api-keys", wish).expect(201);
    let key = made.data()["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("bks_"));
    assert_eq!(made.header("cache-control"), "no-store");

    let listed = ann.get("/api/v1/api-keys").expect(200);
    assert!(!listed.text().contains(&key), "the key is in its own answer only");
    assert_eq!(listed.data()[0]["permissions"], json!(["read", "write"]));
    assert!(key.starts_with(listed.data()[0]["prefix"].as_str().unwrap()));
    assert!(listed.data()[0]["last_used_at"].is_null());

    let service = ann.showing(&key);
    assert_eq!(service.get("/api/v1/auth/me").expect(200).data()["email"], "ann@example.com");
    assert!(ann.get("/api/v1/api-keys").data()[0]["last_used_at"].is_string());

    ann.delete(made.header("location")).expect(204);
    service.get("/api/v1/auth/me").error(401, "api_key_invalid");
    ann.delete(made.header("location")).error(404, "not_found");
}

#[test]
fn a_typo_is_told_from_a_stranger() {
    let app = App::start();
    let typo = app.anonymous().showing("bks_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let answer = typo.get("/api/v1/auth/me");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"bookshelf\"");
    let error = answer.error(401, "api_key_invalid");
    assert!(error["message"].as_str().unwrap().contains("checksum"), "{error}");
}

#[test]
fn a_token_and_a_key_together_are_refused() {
    let app = App::start();
    let ann = app.user("ann");
    let token = &ann.login().access_token.clone();
    let both = ann.service(&["read"]).request("GET", "/api/v1/auth/me").bearer(token).send();
    both.error(400, "bad_request");
}

#[test]
fn an_admins_key_is_an_admin_only_with_that_permission() {
    let app = App::start();
    let admin = app.admin();
    admin.service(&["read"]).get("/api/v1/users").error(403, "admin_required");
    admin.service(&["read", "admin"]).get("/api/v1/users").expect(200);
    let wish = json!({"name": "x", "permissions": ["admin"]});
    app.user("ann").post("/api/v1/api-keys", wish).error(422, "validation_failed");
}

#[test]
fn keys_go_with_their_user() {
    let app = App::start();
    let (admin, ann) = (app.admin(), app.user("ann"));
    let service = ann.service(&["read"]);
    admin.delete(&format!("/api/v1/users/{}", ann.login().user["id"])).expect(204);
    service.get("/api/v1/auth/me").error(401, "api_key_invalid");
    ann.get("/api/v1/auth/me").error(401, "token_revoked");
}
