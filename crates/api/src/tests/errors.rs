//! All errors have the same format.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use bookshelf_domain::StoreError;

use super::support::{RequestExt, Setup, get};

#[actix_web::test]
async fn an_unknown_address_gets_an_error_in_the_envelope() {
    for uri in ["/nothing", "/api/v1/nothing", "/api/nothing", "/api/v2/books", "/apidocs/x"] {
        let answer = Setup::new().call(get(uri)).await;
        answer.error(404, "not_found");
    }
}

#[actix_web::test]
async fn a_wrong_method_gets_the_list_of_the_right_ones() {
    let request = TestRequest::with_uri("/api/v1/books/7").method(Method::POST);
    let answer = Setup::new().call(request).await;
    answer.error(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET, PUT, PATCH, DELETE, HEAD, OPTIONS");

    let head = TestRequest::with_uri("/api/v1/auth/login").method(Method::HEAD);
    let answer = Setup::new().call(head).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST, OPTIONS"));
}

#[actix_web::test]
async fn options_names_the_methods() {
    let request = TestRequest::with_uri("/api/books/").method(Method::OPTIONS);
    let answer = Setup::new().call(request).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(answer.header("allow"), "GET, POST, HEAD, OPTIONS");
}

#[actix_web::test]
async fn an_id_that_is_no_positive_integer_is_not_found() {
    for id in ["abc", "0", "-1", "1.5", "9223372036854775808", "%20"] {
        let answer = Setup::new().call(get(&format!("/api/v1/books/{id}"))).await;
        answer.error(404, "not_found");
    }
}

#[actix_web::test]
async fn a_panic_becomes_an_internal_error_with_all_headers() {
    let answer = Setup::new().call(get("/api/v1/panic")).await;
    answer.error(500, "internal_error");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("api-version"), "1");
}

#[actix_web::test]
async fn an_unexpected_error_is_not_shown_to_the_client() {
    let setup = Setup::reader(|reader| {
        reader.expect_find().returning(|_| Err(StoreError::unexpected("internal secret")));
    });
    setup.call(get("/api/v1/books/7")).await.error(500, "internal_error");
}

#[actix_web::test]
async fn an_unavailable_store_asks_the_client_to_retry() {
    let setup = Setup::reader(|reader| {
        reader.expect_find().returning(|_| Err(StoreError::Unavailable("full".to_owned())));
    });
    let answer = setup.call(get("/api/v1/books/7")).await;
    answer.error(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[actix_web::test]
async fn a_full_store_says_so_and_when_to_try_again() {
    let setup = Setup::reader(|reader| {
        reader.expect_find().returning(|_| Err(StoreError::Full("internal secret".to_owned())));
    });
    let answer = setup.call(get("/api/v1/books/7")).await;
    answer.error(507, "insufficient_storage");
    assert_eq!(answer.header("retry-after"), "30");
}

#[actix_web::test]
async fn a_client_that_prefers_problems_gets_the_same_facts() {
    let request = TestRequest::post()
        .uri("/api/books/?")
        .bearing("user")
        .insert_header(("accept", "application/problem+json"))
        .insert_header(("x-request-id", "trace-1"))
        .json("{}");
    let answer = Setup::new().call(request).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["type"], "urn:bookshelf:problem:validation_failed");
    assert_eq!(problem["status"], 422);
    assert_eq!(problem["title"], "Validation failed");
    assert_eq!(problem["instance"], "/api/books/");
    assert_eq!(problem["reason"], "validation_failed");
    assert_eq!(problem["errors"]["title"][0], "is required");
    assert_eq!(problem["request_id"], "trace-1");
    assert!(problem.get("success").is_none());
}

#[actix_web::test]
async fn a_client_that_does_not_accept_json_is_refused_before_anything_happens() {
    for accept in ["text/html", "application/json;q=0", "image/*, text/csv"] {
        let request = TestRequest::post()
            .uri("/api/v1/books")
            .bearing("user")
            .insert_header(("accept", accept))
            .json("{}");
        Setup::new().call(request).await.error(406, "not_acceptable");
    }
    for uri in ["/apidocs/", "/api/health"] {
        let request = get(uri).insert_header(("accept", "text/html"));
        assert_eq!(Setup::new().call(request).await.status, 200, "{uri}");
    }
}

#[actix_web::test]
async fn a_header_with_one_value_is_refused_on_several_lines() {
    for (name, value) in [
        ("authorization", "Bearer user"),
        ("x-api-key", "k"),
        ("idempotency-key", "k"),
        ("api-version", "1"),
        ("content-type", "application/json"),
        ("content-encoding", "identity"),
    ] {
        let request = |uri| TestRequest::post().uri(uri).append_header((name, value));
        for uri in ["/api/v1/books", "/api/books"] {
            let error = Setup::new().call(request(uri).append_header((name, value))).await;
            let error = error.error(400, "bad_request");
            assert!(error["message"].as_str().unwrap().contains(name), "{error}");
        }
        let once = Setup::new().call(request("/api/books")).await;
        assert!(!String::from_utf8_lossy(&once.body).contains("more than once"), "{name}");
    }
    let accept = get("/api/v1/nothing").append_header(("accept", "text/css"));
    let accept = accept.append_header(("accept", "application/json"));
    Setup::new().call(accept).await.error(404, "not_found");
}

#[actix_web::test]
async fn a_missing_or_invalid_token_has_its_own_reason() {
    let me = || get("/api/v1/auth/me");
    let cases = [
        (me(), "token_missing", false),
        (me().insert_header(("authorization", "Basic YTpi")), "token_missing", false),
        (me().bearing("expired"), "token_expired", true),
        (me().bearing("anything"), "token_invalid", true),
        (me().bearing("revoked"), "token_revoked", true),
    ];
    for (request, reason, shown) in cases {
        let answer = Setup::new().call(request).await;
        answer.error(401, reason);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm="), "{challenge}");
        assert_eq!(challenge.contains("error=\"invalid_token\""), shown, "{reason}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[actix_web::test]
async fn a_403_names_the_missing_permission() {
    let request = TestRequest::delete().uri("/api/v1/books/7").bearing("user");
    let error = Setup::new().call(request).await.error(403, "admin_required");
    assert_eq!(error["details"]["permission"][0], "admin");
}

#[actix_web::test]
async fn credentials_are_checked_before_the_body() {
    let request = TestRequest::post().uri("/api/v1/books").bearing("revoked").json("{");
    Setup::new().call(request).await.error(401, "token_revoked");
}
