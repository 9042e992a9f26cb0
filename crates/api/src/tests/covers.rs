//! Uploads and downloads of covers.

use actix_web::test::TestRequest;
use bookshelf_domain::covers::{
    CoverCodecError, CoverFormat, CoverHash, CoverImages, CoverName, CoverSize,
};
use bookshelf_domain::{Fault, FaultCode, Version};

use super::support::{Answer, RequestExt, Setup, book, get, now};

const COVER: &str = "/api/v1/books/7/cover";

fn name() -> CoverName {
    CoverName { hash: CoverHash::new([0xab; 32]), made_at: now(), format: CoverFormat::Jpeg }
}

/// A store with one cover, which a book has.
fn with_cover() -> Setup {
    let mut setup = Setup::reader(|reader| {
        reader.expect_find().returning(|id| {
            let mut book = book(id.get());
            book.cover = Some(name());
            Ok(Some(book))
        });
    });
    setup.cover_store.expect_get().returning(|_, size| {
        Ok(Some(match size {
            CoverSize::Full => b"whole".to_vec(),
            CoverSize::Thumb => b"small".to_vec(),
        }))
    });
    setup
}

fn put(media_type: &str, body: Vec<u8>) -> TestRequest {
    let request = TestRequest::put().uri(COVER).bearing("user");
    request.insert_header(("content-type", media_type)).set_payload(body)
}

/// The response to an upload. The codec refuses it with this error, or must not be called.
async fn refused(request: TestRequest, refusal: Option<fn() -> CoverCodecError>) -> Answer {
    let mut setup = Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    });
    if let Some(refusal) = refusal {
        setup.cover_codec.expect_encode().returning(move |_| Err(refusal()));
    }
    setup.call(request).await
}

#[actix_web::test]
async fn an_image_has_headers_that_make_it_harmless() {
    let answer = with_cover().call(get(COVER)).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"whole"[..]));
    for (header, value) in [
        ("content-type", "image/jpeg"),
        ("etag", &format!("\"{}\"", "ab".repeat(32))),
        ("cache-control", "public, no-cache"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("content-disposition", "inline; filename=\"book-7.jpg\""),
    ] {
        assert_eq!(answer.header(header), value);
    }
}

#[actix_web::test]
async fn each_size_has_its_own_tag_and_is_immutable_only_with_its_version() {
    let hash = "ab".repeat(32);
    for (query, body, tag, caching) in [
        ("", "whole", hash.clone(), "public, no-cache"),
        ("?size=thumb", "small", format!("{hash}-thumb"), "public, no-cache"),
        (&*format!("?v={}", &hash[..32]), "whole", hash.clone(), "immutable"),
        (&*format!("?size=thumb&v={}", &hash[..32]), "small", format!("{hash}-thumb"), "immutable"),
        ("?v=0123", "whole", hash.clone(), "public, no-cache"),
        ("?v=", "whole", hash.clone(), "public, no-cache"),
        ("?v=ab", "whole", hash.clone(), "public, no-cache"),
    ] {
        let uri = format!("{COVER}{query}");
        let answer = with_cover().call(get(&uri)).await;
        assert_eq!(&answer.body[..], body.as_bytes(), "{uri}");
        assert_eq!(answer.header("etag"), format!("\"{tag}\""));
        assert!(answer.header("cache-control").ends_with(caching), "{uri}");
        let again = get(&uri).insert_header(("if-none-match", format!("\"{tag}\"")));
        let mut setup = with_cover();
        setup.cover_store.checkpoint();
        let again = setup.call(again).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "the store is not asked");
        assert!(again.header("cache-control").ends_with(caching), "{uri}");
    }
}

#[actix_web::test]
async fn an_unknown_parameter_is_refused() {
    for query in ["size=full", "size=", "size=thumb&size=thumb", "width=9"] {
        let uri = format!("{COVER}?{query}");
        assert_eq!(Setup::new().call(get(&uri)).await.faults().len(), 1, "{query}");
    }
}

#[actix_web::test]
async fn a_book_links_to_its_cover() {
    let shown = with_cover().call(get("/api/v1/books/7")).await.json();
    assert_eq!(shown["data"]["cover"], COVER);
    assert_eq!(shown["data"]["links"]["cover"], COVER);
    let thumbnail = format!("{COVER}?size=thumb&v={}", "ab".repeat(16));
    assert_eq!(shown["data"]["links"]["thumbnail"], thumbnail);
}

#[actix_web::test]
async fn uploads_are_checked_by_size_and_content() {
    let empty = refused(put("image/png", Vec::new()), None).await;
    empty.error(400, "missing_body");
    let large = refused(put("image/png", vec![0; CoverImages::MAX_UPLOAD + 1]), None).await;
    large.error(413, "payload_too_large");
    let compressed =
        put("image/png", b"bytes".to_vec()).insert_header(("content-encoding", "gzip"));
    refused(compressed, None).await.error(415, "unsupported_media_type");

    let decoded = |refusal| refused(put("Image/PNG; x=y", b"bytes".to_vec()), Some(refusal));
    let answer = decoded(|| {
        CoverCodecError::UnsupportedFormat(Fault::new(FaultCode::Unreadable, "must be an image"))
    })
    .await;
    let error = answer.error(415, "unsupported_media_type");
    assert_eq!(error["message"], "The body must be an image");
    let answer =
        decoded(|| CoverCodecError::Unacceptable(Fault::new(FaultCode::Unreadable, "is damaged")))
            .await;
    let error = answer.error(422, "validation_failed");
    assert_eq!(error["details"]["cover"][0], "is damaged");
    let answer = decoded(|| CoverCodecError::Busy).await;
    answer.error(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[actix_web::test]
async fn an_upload_for_a_missing_or_changed_book_is_not_read() {
    let mut missing = Setup::new();
    missing.reader.expect_find().returning(|_| Ok(None));
    let answer = missing.call(put("text/html", b"bytes".to_vec())).await;
    answer.error(404, "not_found");
    let stale = put("text/html", b"bytes".to_vec()).insert_header(("if-match", "\"v1-6-9-2\""));
    refused(stale, None).await.error(412, "precondition_failed");
}

#[actix_web::test]
async fn the_content_decides_whatever_the_media_type() {
    let damaged = || CoverCodecError::Unacceptable(Fault::new(FaultCode::Unreadable, "is damaged"));
    for media_type in ["image/jpg", "application/octet-stream", "text/html", "image/gif", "", "/"] {
        let answer = refused(put(media_type, b"bytes".to_vec()), Some(damaged)).await;
        answer.error(422, "validation_failed");
    }
    let undeclared = TestRequest::put().uri(COVER).bearing("user").set_payload(b"bytes".to_vec());
    refused(undeclared, Some(damaged)).await.error(422, "validation_failed");
}

#[actix_web::test]
async fn a_new_cover_is_a_new_version_of_the_book() {
    let mut setup = Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    });
    setup.books.expect_set_cover().once().returning(|update| {
        let mut book = book(update.id.get());
        (book.cover, book.version) = (update.cover, Version::new(8));
        Ok(book)
    });
    let images = || CoverImages { format: CoverFormat::Png, full: vec![1], thumb: vec![2] };
    setup.cover_codec.expect_encode().returning(move |_| Ok(images()));
    setup.cover_store.expect_put().once().returning(|_, _| Ok(()));
    let request = put("image/webp", b"bytes".to_vec()).insert_header(("if-match", "\"v1-7-0-0\""));
    let answer = setup.call(request).await;
    assert_eq!(answer.json()["data"]["cover"], COVER);
    assert_eq!(answer.header("etag"), "\"v1-8-9-2\"");
}
