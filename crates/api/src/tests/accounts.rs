use actix_web::test::TestRequest;
use bookshelf_domain::Made;
use bookshelf_domain::accounts::{
    PasswordHash, Role, Rotated, RotationError, SessionId, SessionUser, StoredCredentials,
    UserError, UserId,
};
use serde_json::json;

use super::support::{RequestExt, Setup, get, session, user};

fn post(uri: &str) -> TestRequest {
    TestRequest::post().uri(uri)
}

const REFRESH_TOKEN: &str = "bkr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[actix_web::test]
async fn a_registration_creates_a_user_and_shows_no_password() {
    let mut setup = Setup::new();
    setup.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("hash")));
    setup.users.expect_insert().returning(|new| {
        assert_eq!(new.role, Role::User);
        Ok(Made::Now(user(Role::User)))
    });
    let body = r#"{"email": "ann@example.com", "password": "correct horse"}"#;
    let answer = setup.call(post("/api/v1/auth/register").json(body)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), "/api/v1/auth/me");
    assert_eq!(
        answer.json()["data"],
        json!({
            "id": 3, "email": "ann@example.com", "username": null, "name": null, "role": "user",
            "created_at": "2026-11-21T06:11:08.123456Z", "links": {"self": "/api/v1/auth/me"}
        })
    );
}

#[actix_web::test]
async fn nobody_registers_as_an_admin() {
    let body = r#"{"email": "x", "role": "admin"}"#;
    let answer = Setup::new().call(post("/api/v1/auth/register").json(body)).await;
    assert_eq!(answer.faults(), ["email", "password", "role"]);
}

#[actix_web::test]
async fn a_taken_email_or_username_has_its_own_reason() {
    let by = UserId::new(7);
    for (taken, reason) in [
        (UserError::EmailTaken { by }, "email_taken"),
        (UserError::UsernameTaken { by }, "username_taken"),
    ] {
        let mut setup = Setup::new();
        setup.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("hash")));
        setup.users.expect_insert().return_once(|_| Err(taken));
        let body = r#"{"email": "ann@example.com", "password": "correct horse"}"#;
        let answer = setup.call(post("/api/v1/auth/register").json(body)).await;
        assert!(answer.error(409, reason).get("resource").is_none());
    }
}

fn with_password(matches: bool) -> Setup {
    let mut setup = Setup::new();
    let stored = || {
        let password_hash = PasswordHash::new("hash");
        Ok(Some(StoredCredentials { user: user(Role::User), password_hash }))
    };
    setup.users.expect_find_by_email().returning(move |_| stored());
    setup.users.expect_credentials().returning(move |_| stored());
    setup.hasher.expect_verify().returning(move |_, _| Ok(matches));
    setup.hasher.expect_is_outdated().return_const(false);
    setup
}

#[actix_web::test]
async fn a_login_returns_tokens() {
    let mut setup = with_password(true);
    setup.sessions.expect_open().returning(|new| {
        assert_eq!(new.user_agent.as_deref(), Some("test"));
        assert_eq!(new.address.as_deref(), Some("192.0.2.7"));
        Ok(Some(session(1)))
    });
    let request = post("/api/v1/auth/login")
        .peer_addr("192.0.2.7:1234".parse().unwrap())
        .insert_header(("user-agent", "test"))
        .json(r#"{"email": "ann@example.com", "password": "correct horse"}"#);
    let answer = setup.call(request).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    let data = &answer.json()["data"];
    assert_eq!(data["access_token"], "signed");
    assert!(data["refresh_token"].as_str().unwrap().starts_with("bkr_"));
    assert_eq!((&data["token_type"], &data["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(data["user"]["id"], 3);
}

#[actix_web::test]
async fn a_wrong_password_gets_a_challenge() {
    let body = r#"{"email": "ann@example.com", "password": "wrong"}"#;
    let answer = with_password(false).call(post("/api/v1/auth/login").json(body)).await;
    answer.error(401, "invalid_credentials");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"bookshelf\"");
}

#[actix_web::test]
async fn a_refresh_token_is_sent_in_the_header_or_in_the_body() {
    let body = format!("{{\"refresh_token\": \"{REFRESH_TOKEN}\"}}");
    let requests = [
        post("/api/v1/auth/refresh").bearing(REFRESH_TOKEN),
        post("/api/v1/auth/refresh").json(&body),
    ];
    for request in requests {
        let mut setup = Setup::new();
        setup.sessions.expect_rotate().returning(|_| {
            Ok(Rotated::Fresh(SessionUser { session: session(1), user: user(Role::User) }))
        });
        let answer = setup.call(request).await;
        assert_eq!(answer.json()["data"]["access_token"], "signed");
    }
    let nothing = post("/api/v1/auth/refresh");
    Setup::new().call(nothing).await.error(401, "token_missing");
    let empty = post("/api/v1/auth/refresh").json("{\"token\": 1}");
    assert_eq!(Setup::new().call(empty).await.faults(), ["refresh_token", "token"]);
    let access = post("/api/v1/auth/refresh").bearing("user");
    Setup::new().call(access).await.error(401, "token_invalid");
}

#[actix_web::test]
async fn a_refresh_token_in_the_body_takes_precedence_over_the_header() {
    let body = format!("{{\"refresh_token\": \"{REFRESH_TOKEN}\"}}");
    for header in ["Bearer user", "Bearer expired", "Bearer bkr_x", "Bearer", "Basic YTpi"] {
        let mut setup = Setup::new();
        setup.sessions.expect_rotate().returning(|_| {
            Ok(Rotated::Fresh(SessionUser { session: session(1), user: user(Role::User) }))
        });
        let request = post("/api/v1/auth/refresh").insert_header(("authorization", header));
        assert_eq!(setup.call(request.json(&body)).await.status, 200, "{header}");

        let mut setup = Setup::new();
        setup.sessions.expect_end_by_token().returning(|_, _| Ok(session(1)));
        let request = post("/api/v1/auth/logout").insert_header(("authorization", header));
        assert_eq!(setup.call(request.json(&body)).await.status, 204, "{header}");
    }
    let wrong = r#"{"refresh_token": "an access token"}"#;
    for uri in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        let request = post(uri).bearing("user").json(wrong);
        Setup::new().call(request).await.error(401, "token_invalid");
        let unknown = post(uri).bearing("user").json(r#"{"token": "x"}"#);
        assert_eq!(Setup::new().call(unknown).await.faults(), ["token"]);
    }
}

#[actix_web::test]
async fn one_logs_out_with_a_refresh_token_in_the_header_too() {
    let logout = |refused: Option<RotationError>| {
        let mut setup = Setup::new();
        let answer = refused.map_or_else(|| Ok(session(1)), Err);
        setup.sessions.expect_end_by_token().return_once(|_, _| answer);
        setup.call(post("/api/v1/auth/logout").bearing(REFRESH_TOKEN))
    };
    assert_eq!(logout(None).await.status, 204);
    logout(Some(RotationError::Unknown)).await.error(401, "token_invalid");
    logout(Some(RotationError::Ended)).await.error(401, "token_revoked");
    logout(Some(RotationError::Expired)).await.error(401, "token_expired");
    let expired = post("/api/v1/auth/logout").bearing("expired");
    Setup::new().call(expired).await.error(401, "token_expired");
    Setup::new().call(post("/api/v1/auth/logout")).await.error(401, "token_missing");
    let empty = post("/api/v1/auth/logout").json("{}");
    assert_eq!(Setup::new().call(empty).await.faults(), ["refresh_token"]);
}

#[actix_web::test]
async fn a_reused_refresh_token_has_its_own_reason() {
    let mut setup = Setup::new();
    setup.sessions.expect_rotate().returning(|_| {
        Err(RotationError::Reused { session: SessionId::new(1), user: UserId::new(3) })
    });
    let request = post("/api/v1/auth/refresh").bearing(REFRESH_TOKEN);
    setup.call(request).await.error(401, "token_reused");
}

#[actix_web::test]
async fn sessions_are_listed_and_ended() {
    let mut setup = Setup::new();
    setup.sessions.expect_list_live().returning(|_, _| Ok(vec![session(1), session(5)]));
    let body = setup.call(get("/api/v1/auth/sessions").bearing("user")).await.json();
    assert_eq!(body["data"][0]["current"], true);
    assert_eq!(body["data"][1]["current"], false);
    assert_eq!(body["data"][1]["links"]["self"], "/api/v1/auth/sessions/5");
    assert_eq!(body["data"][0]["expires_at"], "2026-12-05T06:11:08.123456Z");

    let end = |found: bool| {
        let mut setup = Setup::new();
        setup.sessions.expect_end().returning(move |_, _, _| Ok(found));
        let request = TestRequest::delete().uri("/api/v1/auth/sessions/5").bearing("user");
        setup.call(request)
    };
    assert_eq!(end(true).await.status, 204);
    end(false).await.error(404, "not_found");
}

#[actix_web::test]
async fn logging_out_ends_one_session_or_all() {
    let mut setup = Setup::new();
    setup.sessions.expect_end().withf(|_, id, _| id.get() == 1).returning(|_, _, _| Ok(true));
    assert_eq!(setup.call(post("/api/v1/auth/logout").bearing("user")).await.status, 204);
    let mut setup = Setup::new();
    setup.sessions.expect_end_all().returning(|_, _| Ok(2));
    assert_eq!(setup.call(post("/api/v1/auth/logout-all").bearing("user")).await.status, 204);
}

#[actix_web::test]
async fn the_own_account_has_two_addresses() {
    for uri in ["/api/v1/auth/me", "/api/v1/profile"] {
        let answer = Setup::new().call(get(uri).bearing("admin")).await;
        assert_eq!(answer.json()["data"]["role"], "admin");
        assert_eq!(answer.header("etag"), "\"v1-4\"");
        assert_eq!(answer.header("cache-control"), "no-store");
        let known = get(uri).bearing("admin").insert_header(("if-none-match", "\"v1-4\""));
        assert_eq!(Setup::new().call(known).await.status, 304);
    }
}

#[actix_web::test]
async fn users_change_only_their_own_names() {
    let mut setup = Setup::new();
    setup.users.expect_update().returning(|update| {
        assert_eq!((update.id, update.patch.role), (UserId::new(3), None));
        Ok(user(Role::User))
    });
    let patch = |body: &str| TestRequest::patch().uri("/api/v1/auth/me").bearing("user").json(body);
    assert_eq!(setup.call(patch(r#"{"name": "Ann"}"#)).await.status, 200);
    let answer = Setup::new().call(patch(r#"{"role": "admin", "username": "a"}"#)).await;
    assert_eq!(answer.faults(), ["role", "username"]);
}

#[actix_web::test]
async fn changing_the_password_or_deleting_the_account_needs_the_password() {
    let change = r#"{"current_password": "old", "new_password": "staple battery"}"#;
    let requests = || {
        [
            post("/api/v1/auth/password").bearing("user").json(change),
            post("/api/v1/auth/delete-account").bearing("user").json(r#"{"password": "old"}"#),
        ]
    };
    for request in requests() {
        with_password(false).call(request).await.error(401, "invalid_credentials");
    }
    for request in requests() {
        let mut setup = with_password(true);
        setup.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("hash")));
        setup.users.expect_set_password().returning(|update| {
            assert_eq!(update.keep, Some(SessionId::new(1)));
            Ok(())
        });
        setup.users.expect_shorten_shelf().returning(|_, _, _| Ok(false));
        setup.users.expect_delete_verified().returning(|_, _| Ok(()));
        assert_eq!(setup.call(request).await.status, 204);
    }
}
