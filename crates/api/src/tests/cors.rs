//! Requests from pages of other origins (CORS).

use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::support::{RequestExt, Setup, book, get};
use crate::CorsOrigins;

const ORIGIN: &str = "https://app.example";

fn with(origins: CorsOrigins) -> Setup {
    let mut setup = Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    });
    setup.settings.cors_origins = origins;
    setup
}

fn only() -> Setup {
    with(CorsOrigins::Only(vec![ORIGIN.to_owned(), "http://127.0.0.1:3000".to_owned()]))
}

fn from(origin: &str, uri: &str) -> TestRequest {
    get(uri).insert_header(("origin", origin))
}

fn preflight(origin: &str, uri: &str) -> TestRequest {
    from(origin, uri)
        .method(Method::OPTIONS)
        .insert_header(("access-control-request-method", "PATCH"))
        .insert_header(("access-control-request-headers", "authorization, if-match"))
}

const ALLOW_ORIGIN: &str = "access-control-allow-origin";

#[actix_web::test]
async fn without_origins_there_is_no_cors() {
    for request in [from(ORIGIN, "/api/v1/books/7"), preflight(ORIGIN, "/api/v1/books/7")] {
        let answer = with(CorsOrigins::None).call(request).await;
        let names = answer.headers.keys().map(|name| name.as_str());
        assert_eq!(names.filter(|name| name.starts_with("access-control")).count(), 0);
        assert_eq!(answer.header("vary"), "");
    }
}

#[actix_web::test]
async fn an_allowed_origin_can_read_every_response() {
    let unchanged =
        || from(ORIGIN, "/api/v1/books/7").insert_header(("if-none-match", "\"v1-7-9-2\""));
    let exchanges = [
        (from(ORIGIN, "/api/v1/books/7"), 200),
        (unchanged(), 304),
        (from(ORIGIN, "/api/v1/auth/me"), 401),
        (from(ORIGIN, "/api/v1/nothing"), 404),
        (from(ORIGIN, "/api/v1/books/7").method(Method::POST), 405),
        (from(ORIGIN, "/api/v1/books/7").insert_header(("accept", "text/html")), 406),
        (from(ORIGIN, "/api/v1/books").method(Method::POST).bearing("user").json("{}"), 422),
        (from(ORIGIN, "/api/v1/panic"), 500),
        (from(ORIGIN, "/api/health"), 200),
    ];
    for (request, status) in exchanges {
        let answer = only().call(request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header(ALLOW_ORIGIN), ORIGIN, "{status}");
        assert_eq!(answer.header("vary"), "Origin");
        let exposed = answer.header("access-control-expose-headers");
        assert!(exposed.starts_with("ETag, Link, Location,"), "{exposed}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[actix_web::test]
async fn a_preflight_lists_the_allowed_methods_and_headers() {
    for uri in ["/api/v1/books/7", "/api/books", "/api/v1/nothing"] {
        let request = preflight(ORIGIN, uri).insert_header(("accept", "text/html"));
        let answer = only().call(request).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
        assert_eq!(answer.header(ALLOW_ORIGIN), ORIGIN);
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET, HEAD, POST, PUT, PATCH, DELETE"
        );
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key, \
             X-API-Key, X-Request-Id, API-Version"
        );
        assert_eq!(answer.header("access-control-max-age"), "600");
        assert_eq!(answer.header("vary"), "Origin");
    }
}

#[actix_web::test]
async fn another_origin_can_read_nothing() {
    let others = [
        "https://app.example.evil.test",
        "http://app.example",
        "https://app.example:8443",
        "https://APP.example",
        "null",
        "",
    ];
    for origin in others {
        for request in [from(origin, "/api/v1/books/7"), preflight(origin, "/api/v1/books/7")] {
            let answer = only().call(request).await;
            assert_eq!(answer.header(ALLOW_ORIGIN), "", "{origin}");
            assert_eq!(answer.header("access-control-allow-methods"), "");
            // Without `Vary`, a cache could send this response to an allowed origin.
            assert_eq!(answer.header("vary"), "Origin");
        }
    }
}

#[actix_web::test]
async fn there_is_no_cors_outside_of_the_api() {
    for uri in ["/health", "/apidocs/openapi.json"] {
        let answer = only().call(from(ORIGIN, uri)).await;
        assert_eq!((answer.header(ALLOW_ORIGIN), answer.header("vary")), ("", ""), "{uri}");
    }
}

#[actix_web::test]
async fn a_star_allows_every_origin() {
    for request in [from("null", "/api/v1/books/7"), preflight("null", "/api/v1/books/7")] {
        assert_eq!(with(CorsOrigins::Any).call(request).await.header(ALLOW_ORIGIN), "*");
    }
}
