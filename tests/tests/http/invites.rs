//! Registration and invitations, from outside.

use std::thread;
use std::time::Duration;

use bookshelf_domain::Clock;
use bookshelf_infrastructure::system::SystemClock;
use bookshelf_tests::app::{Answer, App, Client};
use chrono::TimeDelta;
use serde_json::{Value, json};

const REGISTER: &str = "/api/v1/auth/register";
const INVITES: &str = "/api/v1/invites";

fn registering(mode: &str) -> App {
    App::with(&[("BOOKSHELF_REGISTRATION", mode)])
}

fn registration(name: &str) -> Value {
    json!({"email": format!("{name}@example.com"), "password": "correct horse battery"})
}

fn invited(name: &str, token: &str) -> Value {
    let mut body = registration(name);
    body["invite"] = json!(token);
    body
}

/// Creates an invitation and returns its token.
fn invite(admin: &Client, wish: Value) -> String {
    token_of(&admin.post(INVITES, wish).expect(201))
}

fn token_of(made: &Answer) -> String {
    made.data()["token"].as_str().unwrap().to_owned()
}

#[test]
fn a_closed_server_registers_nobody_but_admins_create_users() {
    let app = registering("closed");
    let admin = app.admin();
    let token = invite(&admin, json!({}));
    for body in [registration("ann"), invited("ann", &token), json!({"email": 1})] {
        app.anonymous().post(REGISTER, body).error(403, "registration_closed");
    }
    admin.post("/api/v1/users", registration("ann")).expect(201);
    app.login("ann@example.com").get("/api/v1/auth/me").expect(200);
}

#[test]
fn an_invitation_is_needed_where_the_setting_says_so_and_works_once() {
    let app = registering("invite");
    let (admin, guest) = (app.admin(), app.anonymous());
    let token = invite(&admin, json!({}));
    let unknown = format!("bki_{}", "A".repeat(32));
    for body in [
        registration("ann"),
        invited("ann", ""),
        invited("ann", "please"),
        invited("ann", &unknown),
        // Nobody without an invitation finds out which addresses have an account.
        registration("admin"),
    ] {
        guest.post(REGISTER, body).error(403, "invite_invalid");
    }
    let error = guest.post(REGISTER, json!({"invite": 1})).error(422, "validation_failed");
    for field in ["email", "invite", "password"] {
        assert!(error["details"][field].is_array(), "{error}");
    }
    // A registration that fails does not use the invitation.
    guest.post(REGISTER, invited("admin", &token)).error(409, "email_taken");
    guest.post(REGISTER, json!({"invite": token})).error(422, "validation_failed");
    let ann = guest.post(REGISTER, invited("ann", &format!(" {token} "))).expect(201);
    assert_eq!(ann.data()["role"], "user");
    guest.post(REGISTER, invited("bob", &token)).error(403, "invite_invalid");
    app.login("ann@example.com").get("/api/v1/auth/me").expect(200);
}

#[test]
fn an_invitation_is_for_its_address_and_gives_its_role() {
    for mode in ["open", "invite"] {
        let app = registering(mode);
        let admin = app.admin();
        let wish = json!({"email": "Eve@example.com", "role": "admin"});
        let token = invite(&admin, wish);
        app.anonymous().post(REGISTER, invited("bob", &token)).error(403, "invite_invalid");
        let eve = app.anonymous().post(REGISTER, invited("EVE", &token)).expect(201);
        assert_eq!(eve.data()["role"], "admin");
        app.login("eve@example.com").get("/api/v1/users").expect(200);
    }
}

#[test]
fn where_registration_is_open_an_invitation_that_is_shown_must_be_valid() {
    let app = App::start();
    let body = invited("ann", "bki_nonsense");
    app.anonymous().post(REGISTER, body).error(403, "invite_invalid");
    app.anonymous().post(REGISTER, invited("ann", "")).expect(201);
}

#[test]
fn the_token_is_shown_once_and_admins_list_and_revoke() {
    let app = registering("invite");
    let admin = app.admin();
    let id = admin.login().user["id"].clone();
    let made = admin.post(INVITES, json!({"email": "ann@example.com"})).expect(201);
    let token = token_of(&made);
    assert!(token.starts_with("bki_"));
    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!(made.data()["links"]["self"], made.header("location"));

    let listed = admin.get(INVITES).expect(200);
    assert!(!listed.text().contains(&token), "the token is only in the first response");
    let shown = listed.data()[0].clone();
    assert_eq!((&shown["email"], &shown["role"]), (&json!("ann@example.com"), &json!("user")));
    assert_eq!((&shown["created_by"], &shown["used_at"]), (&id, &Value::Null));
    assert!(shown["expires_at"].is_string());

    let used = invite(&admin, json!({}));
    let bob = app.anonymous().post(REGISTER, invited("bob", &used)).expect(201).data();
    let page = admin.get("/api/v1/invites?per_page=1&order=desc").expect(200);
    assert_eq!(page.json()["pagination"]["total_items"], 2);
    assert_eq!(page.json()["pagination"]["has_next"], true);
    assert_eq!(page.data()[0]["used_by"], bob["id"]);
    assert!(page.data()[0]["used_at"].is_string());
    admin.get("/api/v1/invites?sort=email&colour=1").error(422, "validation_failed");

    admin.delete(made.header("location")).expect(204);
    admin.delete(made.header("location")).error(404, "not_found");
    app.anonymous().post(REGISTER, invited("ann", &token)).error(403, "invite_invalid");
    let entry = admin.get("/api/v1").expect(200).data();
    assert_eq!(entry["links"]["invites"], INVITES);
}

#[test]
fn every_fault_of_an_invitation_is_named() {
    let app = App::start();
    let wish = json!({"email": "ann", "role": "king", "expires_at": "2020-01-01T00:00:00Z",
                      "colour": 1});
    let error = app.admin().post(INVITES, wish).error(422, "validation_failed");
    for field in ["email", "role", "expires_at", "colour"] {
        assert!(error["details"][field].is_array(), "{error}");
    }
}

#[test]
fn an_invitation_ends_when_it_expires_and_when_its_creator_is_no_admin() {
    let app = registering("invite");
    let (admin, other) = (app.admin(), app.admin_called("other"));
    let soon = SystemClock.now() + TimeDelta::seconds(4);
    let brief = invite(&admin, json!({"expires_at": soon.to_rfc3339()}));
    let of_other = invite(&other, json!({"role": "admin"}));
    let address = format!("/api/v1/users/{}", other.login().user["id"]);
    admin.patch(&address, json!({"role": "user"})).expect(200);
    app.anonymous().post(REGISTER, invited("ann", &of_other)).error(403, "invite_invalid");
    thread::sleep(Duration::from_millis(4100));
    app.anonymous().post(REGISTER, invited("ann", &brief)).error(403, "invite_invalid");
}

#[test]
fn of_simultaneous_registrations_with_one_invitation_one_succeeds() {
    let apps = App::several(&[("BOOKSHELF_REGISTRATION", "invite")]);
    let token = invite(&apps[0].admin(), json!({}));
    let statuses: Vec<u16> = thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|number| {
                let (app, token) = (&apps[number % apps.len()], &token);
                let body = invited(&format!("guest{number}"), token);
                scope.spawn(move || app.anonymous().post(REGISTER, body).status)
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 7, "{statuses:?}");
}

#[test]
fn a_retry_of_a_registration_or_of_an_invitation_gets_the_first_answer() {
    let app = registering("invite");
    let admin = app.admin();
    let wish = || {
        let request = admin.request("POST", INVITES).header("idempotency-key", "one");
        request.json(&json!({})).send().expect(201)
    };
    let token = token_of(&wish());
    let again = wish();
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(token_of(&again), token);

    let register = |key: &str, body: Value| {
        app.anonymous().request("POST", REGISTER).header("idempotency-key", key).json(&body).send()
    };
    let first = register("a", invited("ann", &token)).expect(201);
    let again = register("a", invited("ann", &token)).expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.data()["id"], first.data()["id"]);
    register("b", invited("bob", &token)).error(403, "invite_invalid");

    // The invitation is revoked, or goes with its creator.
    let second = app.admin_called("second");
    for (number, inviter) in [&admin, &second].into_iter().enumerate() {
        let made = inviter.post(INVITES, json!({})).expect(201);
        let (name, token) = (format!("guest{number}"), token_of(&made));
        let first = register(&name, invited(&name, &token)).expect(201);
        if number == 0 {
            admin.delete(made.header("location")).expect(204);
        } else {
            let id = &second.login().user["id"];
            admin.delete(&format!("/api/v1/users/{id}")).expect(204);
        }
        let again = register(&name, invited(&name, &token)).expect(201);
        assert_eq!(again.data()["id"], first.data()["id"]);
        register("another", invited("eve", &token)).error(403, "invite_invalid");
    }
}

#[test]
fn what_happens_to_invitations_is_logged() {
    let app = registering("invite");
    let admin = app.admin();
    let token = invite(&admin, json!({}));
    let revoked = admin.post(INVITES, json!({})).expect(201);
    admin.delete(revoked.header("location")).expect(204);
    app.anonymous().post(REGISTER, invited("ann", &token_of(&revoked))).expect(403);
    app.anonymous().post(REGISTER, invited("ann", &token)).expect(201);

    // The log is written by a thread of its own.
    let events = ["invite_created", "invite_revoked", "invite_refused", "\"invite_id\""];
    let is_written = |log: &String| {
        let registered = log
            .lines()
            .any(|line| line.contains("\"user_created\"") && line.contains("\"invite_id\""));
        registered && events.iter().all(|event| log.contains(event))
    };
    let mut logs = std::iter::repeat_with(|| {
        thread::sleep(Duration::from_millis(20));
        app.log()
    });
    assert!(logs.by_ref().take(250).any(|log| is_written(&log)), "{}", app.log());
}
