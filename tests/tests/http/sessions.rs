//! Tokens: how long they work, and what ends them.

use bookshelf_tests::app::{Answer, App, Client, Login};
use serde_json::json;

fn refresh(client: &Client, token: &str) -> Answer {
    client.request("POST", "/api/v1/auth/refresh").bearer(token).send()
}

#[test]
fn a_refresh_gives_a_new_pair_and_spends_the_old_token() {
    let app = App::with(&[("BOOKSHELF_REFRESH_REUSE_GRACE", "0")]);
    let ann = app.user("ann");
    let first = ann.login().clone();
    let answer = refresh(&ann, &first.refresh_token).expect(200);
    let data = answer.data();
    assert_eq!((&data["token_type"], &data["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(answer.header("cache-control"), "no-store");
    let second = Login::from(data);
    assert_ne!(second.refresh_token, first.refresh_token);
    assert_ne!(second.access_token, first.access_token);
    ann.bearing(second.clone()).get("/api/v1/auth/me").expect(200);
    ann.get("/api/v1/auth/me").expect(200);
    let in_body = json!({"refresh_token": second.refresh_token});
    let third = app.anonymous().post("/api/v1/auth/refresh", in_body).expect(200);
    let third = Login::from(third.data());

    refresh(&ann, &second.refresh_token).error(401, "token_reused");
    for gone in [&first, &second, &third] {
        let client = ann.bearing(gone.clone());
        client.get("/api/v1/auth/me").error(401, "token_revoked");
        assert_eq!(refresh(&ann, &gone.refresh_token).status, 401);
    }
    app.login("ann@example.com").get("/api/v1/auth/me").expect(200);
}

#[test]
fn within_the_grace_the_token_spent_last_gives_the_same_successor() {
    let app = App::with(&[("BOOKSHELF_REFRESH_REUSE_GRACE", "1h")]);
    let ann = app.user("ann");
    let first = ann.login().refresh_token.clone();
    let successor =
        |token: &str| Login::from(refresh(&ann, token).expect(200).data()).refresh_token;
    let second = successor(&first);
    assert_eq!(successor(&first), second);
    assert_eq!(successor(&first), second);
    let third = successor(&second);
    assert_eq!(successor(&second), third);
    refresh(&ann, &first).error(401, "token_reused");
    refresh(&ann, &third).error(401, "token_revoked");
}

#[test]
fn neither_token_is_taken_for_the_other() {
    let app = App::start();
    let ann = app.user("ann");
    let Login { access_token, refresh_token, .. } = ann.login().clone();
    refresh(&ann, &access_token).error(401, "token_invalid");
    let me = app.anonymous().request("GET", "/api/v1/auth/me").bearer(&refresh_token).send();
    me.error(401, "token_invalid");
    app.anonymous().post("/api/v1/auth/refresh", json!({})).error(422, "validation_failed");
    app.anonymous().request("POST", "/api/v1/auth/refresh").send().error(401, "token_missing");
}

#[test]
fn what_is_no_token_is_told_so() {
    let app = App::start();
    let me = |authorization: &str| {
        let request = app.anonymous().request("GET", "/api/v1/auth/me");
        request.header("authorization", authorization).send()
    };
    for odd in ["Bearer x", "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30."] {
        let answer = me(odd);
        answer.error(401, "token_invalid");
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with("Bearer") && challenge.contains("invalid_token"),
            "{challenge}"
        );
    }
    let missing = app.anonymous().get("/api/v1/auth/me");
    missing.error(401, "token_missing");
    assert!(missing.header("www-authenticate").starts_with("Bearer"));
    assert!(!missing.header("www-authenticate").contains("error="));
    for scheme in ["Basic YTpi", "Bearer", "Bearer "] {
        assert_eq!(me(scheme).status, 401, "{scheme}");
    }
    let ann = app.user("ann");
    let (head, rest) = ann.login().access_token.split_at(40);
    me(&format!("Bearer {head}A{rest}")).error(401, "token_invalid");
    assert_eq!(me(&format!("bearer {}", ann.login().access_token)).status, 200);
}

#[test]
fn a_logout_ends_this_session_at_once() {
    let app = App::start();
    let (ann, other) = (app.user("ann"), app.login("ann@example.com"));
    ann.request("POST", "/api/v1/auth/logout").send().expect(204);
    ann.get("/api/v1/auth/me").error(401, "token_revoked");
    refresh(&ann, &ann.login().refresh_token).error(401, "token_revoked");
    other.get("/api/v1/auth/me").expect(200);
    other.request("POST", "/api/v1/auth/logout-all").send().expect(204);
    other.get("/api/v1/auth/me").error(401, "token_revoked");
}

#[test]
fn a_refresh_token_in_the_body_is_the_one_that_counts() {
    let app = App::start();
    let ann = app.user("ann");
    let body = json!({"refresh_token": ann.login().refresh_token});
    let renewed = ann.post("/api/v1/auth/refresh", body).expect(200);
    ann.bearing(Login::from(renewed.data())).get("/api/v1/auth/me").expect(200);
}

#[test]
fn one_logs_out_when_only_the_refresh_token_is_at_hand() {
    let app = App::with(&[("BOOKSHELF_ACCESS_TOKEN_TTL", "1s")]);
    let (ann, other) = (app.user("ann"), app.login("ann@example.com"));
    while ann.get("/api/v1/auth/me").status == 200 {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    ann.request("POST", "/api/v1/auth/logout").send().error(401, "token_expired");
    let body = json!({"refresh_token": ann.login().refresh_token});
    ann.post("/api/v1/auth/logout", body.clone()).expect(204);
    refresh(&ann, &ann.login().refresh_token).error(401, "token_revoked");
    ann.post("/api/v1/auth/logout", body).error(401, "token_revoked");

    let renewed = Login::from(refresh(&other, &other.login().refresh_token).expect(200).data());
    let logout = app.anonymous().request("POST", "/api/v1/auth/logout");
    logout.bearer(&renewed.refresh_token).send().expect(204);
    refresh(&other, &renewed.refresh_token).error(401, "token_revoked");
}

#[test]
fn sessions_are_listed_and_ended_one_by_one() {
    let app = App::start();
    let ann = app.user("ann");
    let phone = app.login("ann@example.com");
    let sessions = ann.get("/api/v1/auth/sessions").expect(200).data();
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    for session in sessions {
        assert_eq!(session["address"], "127.0.0.1");
        assert!(session["created_at"].is_string() && session["last_used_at"].is_string());
        assert!(session["user_agent"].is_string());
    }
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/v1/auth/sessions/{}", other["id"]);
    app.user("bob").delete(&path).error(404, "not_found");
    phone.get("/api/v1/auth/me").expect(200);
    ann.delete(&path).expect(204);
    phone.get("/api/v1/auth/me").error(401, "token_revoked");
    ann.delete(&path).error(404, "not_found");
    assert_eq!(ann.get("/api/v1/auth/sessions").data().as_array().unwrap().len(), 1);
}

#[test]
fn a_change_of_role_ends_the_access_tokens_but_not_the_session() {
    let app = App::start();
    let ann = app.user("ann");
    app.program().run(&["admin", "promote", "--email", "ann@example.com"]).done();
    ann.get("/api/v1/auth/me").error(401, "token_revoked");
    let renewed = refresh(&ann, &ann.login().refresh_token).expect(200);
    let ann = ann.bearing(Login::from(renewed.data()));
    assert_eq!(ann.get("/api/v1/auth/me").expect(200).data()["role"], "admin");
}

#[test]
fn tokens_and_sessions_run_out() {
    let app =
        App::with(&[("BOOKSHELF_ACCESS_TOKEN_TTL", "1s"), ("BOOKSHELF_REFRESH_TOKEN_IDLE", "2s")]);
    let ann = app.user("ann");
    // Until it is told so, however slow the machine is.
    let until = |status: u16, ask: &dyn Fn() -> Answer| loop {
        let answer = ask();
        if answer.status == status {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    until(401, &|| ann.get("/api/v1/auth/me")).error(401, "token_expired");
    std::thread::sleep(std::time::Duration::from_secs(2));
    refresh(&ann, &ann.login().refresh_token).error(401, "token_expired");
}

#[test]
fn a_session_outlives_the_server() {
    let mut app = App::start();
    let login = app.user("ann").login().clone();
    app.restart();
    let ann = app.anonymous().bearing(login);
    ann.get("/api/v1/auth/me").expect(200);
    refresh(&ann, &ann.login().refresh_token).expect(200);
}
