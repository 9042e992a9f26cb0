//! Readers of what clients send, for the fuzz targets, which see only what a crate exports.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use bookshelf_domain::Timestamp;
use bookshelf_domain::books::BookDraft;
use bookshelf_domain::shelves::ShelfDraft;

use crate::books::BookBody;
use crate::http::{Accept, EntityTag, Read, TrustedProxies, refuse_tags};
use crate::shelves::ShelfEntryBody;

/// The nesting that the server allows by default.
const DEEPEST: usize = 32;

/// Reads a body as a book and as an entry of a shelf, and checks its fields.
pub fn json_body(bytes: &[u8], now: Timestamp) {
    if let Ok(read) = Read::<BookBody>::body(bytes, DEEPEST, &[]) {
        let _ = BookDraft::from(read).into_fields(now);
    }
    if let Ok(read) = Read::<ShelfEntryBody>::body(bytes, DEEPEST, &[]) {
        let _ = ShelfDraft::from(read).into_entry(now);
    }
}

/// Reads each line as the value of every header that the server parses itself.
pub fn header_lines(bytes: &[u8], proxies: &TrustedProxies) {
    let request = |name: &'static str| {
        let lines = bytes.split(|byte| *byte == b'\n').take(8);
        let lines = lines.filter_map(|line| HeaderValue::from_bytes(line).ok());
        lines.fold(TestRequest::default(), |request, line| request.append_header((name, line)))
    };
    accept(&request("Accept").to_http_request());
    let _ = refuse_tags(&request("If-Match").to_http_request());
    let known = request("If-None-Match").to_http_request();
    let _ = EntityTag::of_content("a".to_owned()).is_known(known.headers());
    for name in ["Forwarded", "X-Forwarded-For"] {
        let peer = ([127, 0, 0, 1], 1).into();
        let request = request(name).peer_addr(peer).to_http_request();
        assert!(proxies.client_address(&request).is_some(), "a client has an address");
    }
}

fn accept(request: &HttpRequest) {
    let Some(accept) = Accept::of(request.headers()) else { return };
    let _ = accept.quality("application/json");
    let _ = accept.prefers_to_json("application/problem+json");
}
