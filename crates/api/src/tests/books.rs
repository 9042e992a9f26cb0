use actix_web::http::Method;
use actix_web::test::TestRequest;
use bookshelf_domain::books::{BookError, BookId};
use bookshelf_domain::{Expected, Made, Version};
use serde_json::json;

use super::support::{RequestExt, Setup, book, get};

#[actix_web::test]
async fn a_book_has_the_members_of_the_contract() {
    let setup = Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    });
    let answer = setup.call(get("/api/v1/books/42")).await;
    assert_eq!(answer.header("etag"), "\"v1-7-9-2\"");
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    assert_eq!(answer.header("content-type"), "application/json");
    let expected = json!({"success": true, "data": {
        "id": 42, "title": "Clean Code", "author": "Robert C. Martin", "isbn": "9780132350884",
        "genre": "Unknown", "year": 2008, "description": null,
        "rating": {"average": 4.5, "count": 2}, "cover": null,
        "created_at": "2026-11-21T06:11:08.123456Z", "updated_at": "2026-11-21T06:11:08.123456Z",
        "links": {"self": "/api/v1/books/42", "collection": "/api/v1/books"}
    }});
    assert_eq!(answer.json(), expected);
}

#[actix_web::test]
async fn a_public_route_ignores_credentials() {
    let setup = Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    });
    assert_eq!(setup.call(get("/api/v1/books/42").bearing("anything")).await.status, 200);
}

#[actix_web::test]
async fn a_304_has_the_same_headers_and_no_body() {
    let setup = Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    });
    let request = get("/api/v1/books/42").insert_header(("if-none-match", "W/\"v1-7-9-2\""));
    let answer = setup.call(request).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0));
    assert_eq!(answer.header("etag"), "\"v1-7-9-2\"");
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    assert_eq!(answer.header("x-frame-options"), "DENY");
}

#[actix_web::test]
async fn a_missing_book_is_not_found() {
    let setup = Setup::reader(|reader| {
        reader.expect_find().returning(|_| Ok(None));
    });
    let error = setup.call(get("/api/v1/books/42")).await.error(404, "not_found");
    assert_eq!(error["message"], "There is no such book");
}

#[actix_web::test]
async fn a_book_is_found_by_its_isbn_in_any_notation() {
    for isbn in ["0-13-235088-2", "9780132350884", "978%200132350884", "0132350882/"] {
        let setup = Setup::reader(|reader| {
            reader
                .expect_find_by_isbn()
                .withf(|isbn| isbn.as_str() == "9780132350884")
                .returning(|_| Ok(Some(book(42))));
        });
        let answer = setup.call(get(&format!("/api/v1/books/isbn/{isbn}"))).await;
        assert_eq!(answer.json()["data"]["id"], 42, "{isbn}");
    }
    assert_eq!(Setup::new().call(get("/api/v1/books/isbn/12")).await.faults(), ["isbn"]);
}

#[actix_web::test]
async fn a_new_book_has_an_address() {
    let setup = Setup::books(|books| {
        books.expect_insert().returning(|new| {
            assert_eq!(new.fields.title.as_str(), "Clean Code");
            Ok(Made::Now(book(42)))
        });
    });
    let request = TestRequest::post()
        .uri("/api/v1/books")
        .bearing("user")
        .json(r#"{"title": " Clean Code ", "author": "M", "year": 2008.0, "genre": null}"#);
    let answer = setup.call(request).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), "/api/v1/books/42");
    assert_eq!(answer.header("etag"), "\"v1-7-9-2\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["data"]["id"], 42);
}

#[actix_web::test]
async fn a_conflict_names_the_book_that_has_the_isbn() {
    let setup = Setup::books(|books| {
        books.expect_insert().returning(|_| Err(BookError::IsbnTaken { by: BookId::new(7) }));
    });
    let body = r#"{"title": "A", "author": "B", "isbn": "0132350882"}"#;
    let request = TestRequest::post().uri("/api/v1/books").bearing("user").json(body);
    let error = setup.call(request).await.error(409, "isbn_taken");
    assert_eq!(error["resource"], "/api/v1/books/7");
}

fn writes() -> [TestRequest; 3] {
    let to = |method: Method| TestRequest::with_uri("/api/v1/books/42").method(method);
    [
        to(Method::PUT).bearing("user").json(r#"{"title": "A", "author": "B"}"#),
        to(Method::PATCH)
            .bearing("user")
            .set_payload(r#"{"title": "A"}"#)
            .insert_header(("content-type", "application/merge-patch+json")),
        to(Method::DELETE).bearing("admin"),
    ]
}

#[actix_web::test]
async fn every_write_passes_on_the_expected_versions() {
    for request in writes() {
        let expected_versions = || Expected::OneOf(vec![Version::new(7), Version::new(8)]);
        let setup = Setup::books(|books| {
            books.expect_update().returning(move |update| {
                assert_eq!(update.expected, expected_versions());
                Ok(book(update.id.get()))
            });
            books.expect_delete().returning(move |_, expected, _| {
                assert_eq!(expected, expected_versions());
                Ok(0)
            });
        });
        let answer =
            setup.call(request.insert_header(("if-match", "\"v1-7-9-2\", \"v1-8-0-0\""))).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }
}

#[actix_web::test]
async fn a_stale_write_fails() {
    for request in writes() {
        let setup = Setup::books(|books| {
            books.expect_update().returning(|_| Err(BookError::Stale));
            books.expect_delete().returning(|_, _, _| Err(BookError::Stale));
        });
        let answer = setup.call(request.insert_header(("if-match", "\"6\""))).await;
        answer.error(412, "precondition_failed");
    }
}

#[actix_web::test]
async fn a_setting_makes_if_match_compulsory() {
    for request in writes() {
        let mut setup = Setup::new();
        setup.settings.require_if_match = true;
        setup.call(request).await.error(428, "precondition_required");
    }
}

#[actix_web::test]
async fn if_match_must_be_well_formed() {
    for request in writes() {
        let answer = Setup::new().call(request.insert_header(("if-match", "\"7"))).await;
        answer.error(400, "bad_request");
    }
}

#[actix_web::test]
async fn a_deletion_has_no_body() {
    let setup = Setup::books(|books| {
        books.expect_delete().returning(|_, _, _| Ok(0));
    });
    let request = TestRequest::delete().uri("/api/v1/books/42").bearing("admin");
    let answer = setup.call(request).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
}
