//! The version of each view changes with its JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{accounts, books, openapi, shelves};

/// The version of the view at each address whose resource has an entity tag, and the hash of its JSON
/// schema.
///
/// If this test fails, the JSON of a resource has changed. Then clients must not get 304 for what they
/// have stored: add one to the version of the view, and write the new version and hash here.
const VIEWS: [(&str, u32, &str); 6] = [
    ("/api/v1/auth/me", 1, "1b624255b352d8bb"),
    ("/api/v1/books/isbn/{isbn}", 1, "24b7ae7af8579f44"),
    ("/api/v1/books/{id}", 1, "24b7ae7af8579f44"),
    ("/api/v1/profile", 1, "1b624255b352d8bb"),
    ("/api/v1/shelf/{id}", 1, "a4e714b7f07bf000"),
    ("/api/v1/users/{id}", 1, "1b624255b352d8bb"),
];

fn current(path: &str) -> u32 {
    match path {
        _ if path.starts_with("/api/v1/books/") => books::TAGS.view,
        "/api/v1/shelf/{id}" => shelves::TAGS.view,
        "/api/v1/auth/me" | "/api/v1/profile" | "/api/v1/users/{id}" => accounts::TAGS.view,
        _ => panic!("the resource at {path} has an entity tag: name its view here"),
    }
}

#[test]
fn the_version_of_a_view_changes_with_its_json() {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let answer = &item["get"]["responses"]["200"];
        let schema = &answer["content"]["application/json"]["schema"];
        if answer["headers"].get("ETag").is_some() && !schema.is_null() {
            let shape = shape(schema, &document).to_string();
            let hash: String =
                Sha256::digest(shape)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
            found.push((path.as_str(), current(path), hash));
        }
    }
    found.sort();
    let recorded = VIEWS.map(|(path, view, hash)| (path, view, hash.to_owned()));
    assert_eq!(found, recorded, "see the comment on VIEWS");
}

/// A schema with its references resolved, its members sorted, and without what does not change the
/// JSON.
fn shape(schema: &Value, document: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            if let Some(target) = schema["$ref"].as_str() {
                return shape(document.pointer(target.trim_start_matches('#')).unwrap(), document);
            }
            let kept = members.iter().filter(|(name, _)| {
                !["description", "example", "examples"].contains(&name.as_str())
            });
            let sorted: BTreeMap<_, _> =
                kept.map(|(name, member)| (name, shape(member, document))).collect();
            json!(sorted)
        }
        Value::Array(items) => items.iter().map(|item| shape(item, document)).collect(),
        other => other.clone(),
    }
}
