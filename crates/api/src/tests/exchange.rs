//! What all routes have in common.

use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::support::{Setup, book, get};

fn one_book() -> Setup {
    Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    })
}

#[actix_web::test]
async fn every_form_of_a_path_gives_the_same_response() {
    let plain = one_book().call(get("/api/v1/books/7")).await;
    assert_eq!(plain.status, 200);
    for uri in ["/api/v1/books/7/", "/api/books/7", "/api/books/7/", "/api/books/7/?"] {
        let answer = one_book().call(get(uri)).await;
        assert_eq!(answer.body, plain.body, "{uri}");
    }
}

#[actix_web::test]
async fn without_a_version_in_the_path_a_header_selects_it() {
    let request = get("/api/books/7").insert_header(("api-version", "1"));
    assert_eq!(one_book().call(request).await.status, 200);
    for version in ["2", "v1", "", "1.0"] {
        let request = get("/api/books/7").insert_header(("api-version", version));
        let answer = Setup::new().call(request).await;
        answer.error(400, "unsupported_api_version");
        assert_eq!(answer.header("api-version"), "1");
    }
}

#[actix_web::test]
async fn every_response_of_the_api_has_the_common_headers() {
    const TRANSPORT: &str = "max-age=31536000; includeSubDomains";
    let answers = [
        one_book().call(get("/api/v1/books/7")).await,
        Setup::new().call(get("/api/v1/nothing")).await,
        Setup::new().call(get("/api/health")).await,
    ];
    for answer in answers {
        assert_eq!(answer.header("api-version"), "1");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let policy = "default-src 'none'; frame-ancestors 'none'";
        assert_eq!(answer.header("content-security-policy"), policy);
        assert_eq!(answer.header("strict-transport-security"), TRANSPORT);
        assert_ne!(answer.header("cache-control"), "");
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
    for (uri, status) in [
        ("/health", 200),
        ("/health/ready", 200),
        ("/.well-known/jwks.json", 200),
        ("/", 200),
        ("/apidocs", 308),
        ("/apidocs/", 200),
        ("/apidocs/swagger-ui.css", 200),
        ("/apidocs/openapi.json", 200),
        ("/apidocs/openapi-3.0.json", 200),
        ("/nothing", 404),
    ] {
        let outside = Setup::new().call(get(uri)).await;
        assert_eq!(outside.status, status, "{uri}");
        assert_eq!(outside.header("api-version"), "", "{uri}");
        assert_eq!(outside.header("x-request-id").len(), 36, "{uri}");
        assert_eq!(outside.header("x-content-type-options"), "nosniff", "{uri}");
        assert_eq!(outside.header("strict-transport-security"), TRANSPORT, "{uri}");
    }
}

#[actix_web::test]
async fn encoded_letters_of_a_path_lead_to_the_same_answer() {
    for path in ["/%61pi/v1/auth/me", "/ap%69/auth/%6De"] {
        let answer = Setup::new().call(get(path)).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.header("api-version"), "1");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
}

#[actix_web::test]
async fn strict_transport_security_can_be_turned_off() {
    let mut setup = one_book();
    setup.settings.hsts = false;
    let answer = setup.call(get("/api/v1/books/7")).await;
    assert_eq!(answer.header("strict-transport-security"), "");
}

#[actix_web::test]
async fn a_valid_request_id_of_the_client_is_used() {
    let request = get("/health").insert_header(("x-request-id", "trace-1"));
    assert_eq!(Setup::new().call(request).await.header("x-request-id"), "trace-1");
    let request = get("/health").insert_header(("x-request-id", "two words"));
    assert_eq!(Setup::new().call(request).await.header("x-request-id").len(), 36);
}

#[actix_web::test]
async fn head_works_where_get_does() {
    for uri in ["/api/v1/books/7", "/api/v1", "/health", "/apidocs/"] {
        let request = TestRequest::with_uri(uri).method(Method::HEAD);
        assert_eq!(one_book().call(request).await.status, 200, "{uri}");
    }
}

#[actix_web::test]
async fn health_is_independent_of_readiness() {
    for uri in ["/health", "/api/health"] {
        let health = Setup::new().call(get(uri)).await.json();
        assert_eq!(health["status"], "healthy");
        assert_eq!(health["service"], "bookshelf");
        assert!(health["version"].is_string());
    }
    assert_eq!(Setup::new().call(get("/health/ready")).await.status, 200);
    let mut unready = Setup::new();
    unready.ready = false;
    let answer = unready.call(get("/health/ready")).await;
    answer.error(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[actix_web::test]
async fn the_entry_point_links_to_the_collections() {
    for uri in ["/api/v1", "/api", "/api/", "/api/v1/"] {
        let body = Setup::new().call(get(uri)).await.json();
        assert_eq!(body["success"], true);
        assert_eq!(body["data"]["links"]["books"], "/api/v1/books");
        assert_eq!(body["data"]["links"]["self"], "/api/v1");
    }
}

#[actix_web::test]
async fn the_documentation_needs_no_other_server() {
    let redirect = Setup::new().call(get("/apidocs")).await;
    assert_eq!((redirect.status.as_u16(), redirect.header("location")), (308, "/apidocs/"));
    let page = Setup::new().call(get("/apidocs/")).await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe-eval"));
    assert!(html.contains("swagger-ui") && !html.contains("//unpkg") && !html.contains("https:"));
    let script = Setup::new().call(get("/apidocs/swagger-initializer.js")).await;
    assert!(String::from_utf8(script.body.to_vec()).unwrap().contains("/apidocs/openapi.json"));
    for uri in ["/apidocs/openapi.json", "/api/v1/openapi.json", "/api/openapi.json"] {
        assert_eq!(Setup::new().call(get(uri)).await.json()["openapi"], "3.1.0");
    }
}
