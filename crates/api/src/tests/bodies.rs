//! The faults of bodies.

use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::support::{Answer, RequestExt, Setup, book};

fn post() -> TestRequest {
    TestRequest::post().uri("/api/v1/books").bearing("user")
}

async fn send(body: &str) -> Answer {
    Setup::new().call(post().json(body)).await
}

#[actix_web::test]
async fn all_faults_are_named_at_once() {
    let answer = send(r#"{"year": "abc", "isbn": "12", "colour": 1}"#).await;
    assert_eq!(answer.faults(), ["author", "colour", "isbn", "title", "year"]);
    let details = &answer.json()["error"]["details"];
    assert_eq!(details["title"][0], "is required");
    assert_eq!(details["year"][0], "must be an integer");
}

#[actix_web::test]
async fn an_incomplete_replacement_is_referred_to_patch() {
    let request = TestRequest::put().uri("/api/v1/books/7").bearing("user").json("{}");
    let answer = Setup::new().call(request).await;
    assert_eq!(answer.faults(), ["author", "title"]);
    assert!(answer.json()["error"]["details"]["title"][0].as_str().unwrap().contains("PATCH"));
}

#[actix_web::test]
async fn an_error_in_json_names_its_place() {
    let error = send("{\n  \"title\": }").await.error(400, "malformed_json");
    assert!(error["message"].as_str().unwrap().contains("line 2 column 12"), "{error}");
    for body in ["{", "nonsense", "{\"title\": \"\\ud800\"}", "{} {}", "\u{feff}\u{feff}{}", " "] {
        send(body).await.error(400, "malformed_json");
    }
    let request = post()
        .insert_header(("content-type", "application/json"))
        .set_payload(&b"{\"title\": \"\xff\"}"[..]);
    let error = Setup::new().call(request).await.error(400, "malformed_json");
    assert!(error["message"].as_str().unwrap().contains("byte 12"), "{error}");
}

#[actix_web::test]
async fn a_byte_order_mark_is_skipped() {
    assert_eq!(send("\u{feff}{}").await.faults(), ["author", "title"]);
    send("\u{feff}").await.error(400, "missing_body");
}

#[actix_web::test]
async fn depth_is_limited() {
    let nested = |levels: usize| {
        let inner = levels - 1;
        format!("{{\"title\": {}{}}}", "[".repeat(inner), "]".repeat(inner))
    };
    assert_eq!(send(&nested(32)).await.faults(), ["author", "title"]);
    for levels in [33, 100, 10_000] {
        send(&nested(levels)).await.error(400, "malformed_json");
    }
}

#[actix_web::test]
async fn json_of_another_shape_is_invalid() {
    for body in ["[]", "null", "7", "\"text\"", "true"] {
        assert_eq!(send(body).await.faults(), ["body"], "{body}");
    }
}

#[actix_web::test]
async fn a_missing_body_has_its_own_reason() {
    send("").await.error(400, "missing_body");
    Setup::new().call(post()).await.error(400, "missing_body");
}

#[actix_web::test]
async fn only_uncompressed_utf_8_json_is_accepted() {
    for content_type in ["text/plain", "application/merge-patch+json", "application/jsonx", ""] {
        let request = post().insert_header(("content-type", content_type)).set_payload("{}");
        Setup::new().call(request).await.error(415, "unsupported_media_type");
    }
    Setup::new().call(post().set_payload("{}")).await.error(415, "unsupported_media_type");
    let latin = post().insert_header(("content-type", "application/json; charset=latin1"));
    Setup::new().call(latin.set_payload("{}")).await.error(415, "unsupported_media_type");
    for encoding in ["gzip", "br", "deflate"] {
        let request = post().json("{}").insert_header(("content-encoding", encoding));
        Setup::new().call(request).await.error(415, "unsupported_media_type");
    }
    let named = post()
        .insert_header(("content-type", "Application/JSON; charset=\"UTF-8\""))
        .set_payload("{}");
    assert_eq!(Setup::new().call(named).await.faults(), ["author", "title"]);
}

#[actix_web::test]
async fn a_patch_may_have_the_type_of_merge_patches() {
    for content_type in ["application/json", "application/merge-patch+json"] {
        let setup = Setup::books(|books| {
            books.expect_update().returning(|update| Ok(book(update.id.get())));
        });
        let request = TestRequest::with_uri("/api/v1/books/7")
            .method(Method::PATCH)
            .bearing("user")
            .insert_header(("content-type", content_type))
            .set_payload("{}");
        assert_eq!(setup.call(request).await.status, 200);
    }
}

#[actix_web::test]
async fn size_is_limited_with_and_without_a_content_length() {
    let body = format!("{{\"title\": \"{}\"}}", "x".repeat(256 * 1024));
    send(&body).await.error(413, "payload_too_large");
    let announced = post().json("{}").insert_header(("content-length", "262145"));
    Setup::new().call(announced).await.error(413, "payload_too_large");
    let fits = format!("{{\"title\": \"{}\"}}", "x".repeat(256 * 1024 - 13));
    assert_eq!(fits.len(), 256 * 1024);
    assert_eq!(send(&fits).await.faults(), ["author", "title"]);
}
