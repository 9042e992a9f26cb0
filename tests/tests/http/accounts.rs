//! Making, changing and deleting an account.

use std::time::Instant;

use bookshelf_tests::app::{App, Login};
use serde_json::json;

const GOOD: &str = "correct horse battery";

#[test]
fn an_account_is_made_and_never_shows_its_password() {
    let app = App::start();
    let nobody = app.anonymous();
    let registration =
        json!({"email": "Ann@Example.com", "password": GOOD, "username": "Ann_1", "name": "Änn"});
    let answer = nobody.post("/api/v1/auth/register", registration).expect(201);
    let user = answer.data();
    assert_eq!(answer.header("location"), "/api/v1/auth/me");
    assert_eq!((&user["email"], &user["role"]), (&json!("Ann@Example.com"), &json!("user")));
    assert_eq!((&user["username"], &user["name"]), (&json!("Ann_1"), &json!("Änn")));
    let ann = app.login("ann@EXAMPLE.com");
    assert_eq!(ann.login().user, user);
    for path in ["/api/v1/auth/me", "/api/v1/profile"] {
        let shown = ann.get(path).expect(200);
        assert_eq!(shown.data(), user);
        assert!(!shown.text().contains("hash") && !shown.text().contains("password"));
    }
}

#[test]
fn emails_and_usernames_are_taken_in_every_case() {
    let app = App::start();
    app.user("ann");
    let register = |email: &str, username: &str| {
        let body = json!({"email": email, "password": GOOD, "username": username});
        app.anonymous().post("/api/v1/auth/register", body)
    };
    let taken = register("ANN@example.COM", "bob").error(409, "email_taken");
    register("ANN@example.COM", "ann").error(409, "email_taken");
    let username_taken = register("bob@example.com", "ANN").error(409, "username_taken");
    for error in [taken, username_taken] {
        assert!(error.get("resource").is_none(), "strangers cannot see other users: {error}");
    }
    register("bob@example.com", "bob").expect(201);
}

#[test]
fn passwords_have_rules() {
    let app = App::start();
    let register = |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        app.anonymous().post("/api/v1/auth/register", body)
    };
    let (short, long) = ("é".repeat(7), "é".repeat(129));
    for bad in [&short, &long, "password", "12345678", "Password1", "ANN@example.com", "a\0bcdefgh"]
    {
        assert_eq!(register("ann@example.com", bad).faults(), ["password"], "{bad}");
    }
    let whole = "語".repeat(128);
    register("ann@example.com", &whole).expect(201);
    let login = |password: &str| {
        let body = json!({"email": "ann@example.com", "password": password});
        app.anonymous().post("/api/v1/auth/login", body)
    };
    login(&whole).expect(200);
    login(&format!("{}x", "語".repeat(127))).error(401, "invalid_credentials");
    login(&format!("{whole} ")).error(401, "invalid_credentials");
}

#[test]
fn composed_and_decomposed_letters_are_the_same_password() {
    let app = App::start();
    let (composed, decomposed) = ("grünes Pferd", "gru\u{308}nes\u{a0}Pferd");
    let credentials = |password: &str| json!({"email": "ann@example.com", "password": password});
    app.anonymous().post("/api/v1/auth/register", credentials(composed)).expect(201);
    let login = |password: &str| app.anonymous().post("/api/v1/auth/login", credentials(password));
    let ann = login(decomposed).expect(200).data();
    login("grunes Pferd").error(401, "invalid_credentials");
    let ann = app.anonymous().bearing(Login::from(ann));
    let change = json!({"current_password": decomposed, "new_password": "gru\u{308}nes Pferd 2"});
    ann.post("/api/v1/auth/password", change).expect(204);
    login("grünes Pferd 2").expect(200);
    ann.post("/api/v1/auth/delete-account", json!({"password": "gru\u{308}nes Pferd 2"}))
        .expect(204);
}

#[test]
fn the_time_of_a_login_does_not_reveal_an_account_after_the_cost_was_changed() {
    let mut app = App::with(&[("BOOKSHELF_BCRYPT_COST", "9")]);
    app.user("ann");
    for cost in ["5", "10"] {
        app.restart_with(&[("BOOKSHELF_BCRYPT_COST", cost)]);
        let median = |email: &str| {
            let mut times: Vec<_> = (0..15)
                .map(|_| {
                    let body = json!({"email": email, "password": "wrong horse battery"});
                    let start = Instant::now();
                    app.anonymous().post("/api/v1/auth/login", body).expect(401);
                    start.elapsed().as_secs_f64()
                })
                .collect();
            times.sort_by(f64::total_cmp);
            times[7]
        };
        // The unknown account comes first, so the server has verified no hash of an account.
        let (unknown, known) = (median("bob@example.com"), median("ann@example.com"));
        let ratio = unknown / known;
        assert!((0.5..2.0).contains(&ratio), "{unknown} s and {known} s at cost {cost}");
    }
}

#[test]
fn a_wrong_password_and_an_unknown_email_get_the_same_answer() {
    let app = App::start();
    app.user("ann");
    let answers = [
        json!({"email": "ann@example.com", "password": "wrong horse battery"}),
        json!({"email": "bob@example.com", "password": GOOD}),
        json!({"email": "no email", "password": ""}),
    ]
    .map(|credentials| app.anonymous().post("/api/v1/auth/login", credentials));
    let [wrong, unknown, odd] = answers.map(|answer| {
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        let mut error = answer.error(401, "invalid_credentials");
        error["request_id"].take();
        error
    });
    assert_eq!((&wrong, &wrong), (&unknown, &odd));
    assert_eq!(
        app.anonymous().post("/api/v1/auth/login", json!({})).faults(),
        ["email", "password"]
    );
}

#[test]
fn one_changes_ones_own_names() {
    let app = App::start();
    let (ann, _bob) = (app.user("ann"), app.user("bob"));
    let me = "/api/v1/auth/me";
    let before = ann.get(me).expect(200);
    let changed = ann.patch(me, json!({"name": "Ann B.", "username": "ANN"})).expect(200);
    assert_eq!(changed.data()["name"], "Ann B.");
    assert_eq!(ann.get(me).data(), changed.data());
    assert_ne!(before.header("etag"), changed.header("etag"));
    let stale = ann.request("PATCH", me).header("if-match", before.header("etag"));
    stale.json(&json!({"name": "x"})).send().error(412, "precondition_failed");
    let error = ann.patch(me, json!({"username": "BOB"})).error(409, "username_taken");
    assert!(error.get("resource").is_none(), "{error}");
    let answer = ann.patch(me, json!({"role": "admin", "email": "x@y.z", "name": "\u{1}"}));
    assert_eq!(answer.faults(), ["email", "name", "role"]);
    let cleared = ann.patch(me, json!({"name": null, "username": null})).expect(200).data();
    assert!(cleared["name"].is_null() && cleared["username"].is_null());
}

#[test]
fn a_new_password_ends_every_other_session() {
    let app = App::start();
    let ann = app.user("ann");
    let other = app.login("ann@example.com");
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        ann.post("/api/v1/auth/password", body)
    };
    change("wrong horse battery", "a better password").error(401, "invalid_credentials");
    assert_eq!(change(GOOD, "short").faults(), ["new_password"]);
    assert_eq!(change(GOOD, "ann@example.com").faults(), ["new_password"]);
    other.get("/api/v1/auth/me").expect(200);
    change(GOOD, "a better password").expect(204);
    ann.get("/api/v1/auth/me").expect(200);
    other.get("/api/v1/auth/me").error(401, "token_revoked");
    let refresh = json!({"refresh_token": other.login().refresh_token});
    app.anonymous().post("/api/v1/auth/refresh", refresh).error(401, "token_revoked");
    let login = |password: &str| {
        let body = json!({"email": "ann@example.com", "password": password});
        app.anonymous().post("/api/v1/auth/login", body)
    };
    login(GOOD).error(401, "invalid_credentials");
    login("a better password").expect(200);
}

#[test]
fn a_deleted_account_is_gone_and_its_books_stay() {
    let app = App::start();
    let ann = app.user("ann");
    let book = ann.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201);
    let delete =
        |password: &str| ann.post("/api/v1/auth/delete-account", json!({"password": password}));
    delete("wrong horse battery").error(401, "invalid_credentials");
    delete(GOOD).expect(204);
    ann.get("/api/v1/auth/me").error(401, "token_revoked");
    let refresh = json!({"refresh_token": ann.login().refresh_token});
    assert_eq!(app.anonymous().post("/api/v1/auth/refresh", refresh).status, 401);
    let credentials = json!({"email": "ann@example.com", "password": GOOD});
    app.anonymous().post("/api/v1/auth/login", credentials).error(401, "invalid_credentials");
    app.anonymous().get(book.header("location")).expect(200);
    app.user("ann").get("/api/v1/auth/me").expect(200);
}

#[test]
fn the_last_admin_cannot_delete_itself() {
    let app = App::start();
    let admin = app.admin();
    let delete = || admin.post("/api/v1/auth/delete-account", json!({"password": GOOD}));
    let error = delete().error(409, "last_admin");
    assert_eq!(error["resource"], format!("/api/v1/users/{}", admin.login().user["id"]));
    admin.get("/api/v1/auth/me").expect(200);
    app.user("bob");
    app.program().run(&["admin", "promote", "--email", "BOB@example.com"]).done();
    delete().expect(204);
}
