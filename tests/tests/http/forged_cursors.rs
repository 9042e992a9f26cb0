//! Cursors that a client made itself, with a right checksum.
//!
//! The checksum is no secret, so Bookshelf must check the position behind it like any other input.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_tests::app::{Answer, App, Client};
use serde_json::json;
use sha2::{Digest, Sha256};

/// What the keys of a sort are.
#[derive(Clone, Copy)]
enum Keys {
    Texts,
    /// Keys of the collation, which begin with their version.
    Collated,
    Numbers,
    /// Numbers, and the empty key of a resource without a value.
    OptionalNumbers,
}

struct List {
    path: &'static str,
    /// What the checksum calls the list.
    name: String,
    client: Client,
    sorts: &'static [(&'static str, Keys)],
}

impl List {
    /// Follows a cursor of the list without a filter.
    fn follow(&self, sort: &str, order: &str, id: i64, key: &[u8]) -> Answer {
        let mut checksum = Sha256::new_with_prefix("cursor 2");
        for part in [&self.name, sort, order] {
            checksum.update((part.len() as u64).to_be_bytes());
            checksum.update(part);
        }
        let mut cursor = [&id.to_be_bytes(), key].concat();
        checksum.update(&cursor);
        cursor.extend(&checksum.finalize()[..16]);
        let cursor = URL_SAFE_NO_PAD.encode(cursor);
        self.client.get(&format!("{}?sort={sort}&order={order}&cursor={cursor}", self.path))
    }
}

/// A server on which every list has a resource with a value for every key and one without.
fn lists() -> (App, [List; 3]) {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let mine = json!({"rating": 4, "status": "read", "finished_on": "2026-11-20"});
    for (year, mut entry) in [(json!(1925), mine), (json!(null), json!({}))] {
        let book = json!({"title": "Title", "author": "Author", "year": year});
        entry["book_id"] = ann.post("/api/v1/books", book).expect(201).data()["id"].clone();
        ann.post("/api/v1/shelf", entry).expect(201);
    }
    let shelf = format!("/api/v1/shelf of user {}", ann.login().user["id"]);
    let (books, users) = ("/api/v1/books", "/api/v1/users");
    let lists = [
        List { path: books, name: books.to_owned(), client: app.anonymous(), sorts: BOOKS },
        List { path: users, name: users.to_owned(), client: admin, sorts: USERS },
        List { path: "/api/v1/shelf", name: shelf, client: ann, sorts: SHELF },
    ];
    (app, lists)
}

const BOOKS: &[(&str, Keys)] = &[
    ("title", Keys::Collated),
    ("author", Keys::Collated),
    ("year", Keys::OptionalNumbers),
    ("created_at", Keys::Numbers),
    ("rating", Keys::OptionalNumbers),
];
const USERS: &[(&str, Keys)] = &[("email", Keys::Texts), ("created_at", Keys::Numbers)];
const SHELF: &[(&str, Keys)] = &[
    ("added_at", Keys::Numbers),
    ("title", Keys::Collated),
    ("author", Keys::Collated),
    ("rating", Keys::OptionalNumbers),
    ("finished_on", Keys::OptionalNumbers),
];

#[test]
fn a_cursor_with_a_key_of_another_type_is_refused() {
    const NO_NUMBERS: [&[u8]; 3] = [b"a title", &[0; 7], &[0; 9]];
    const NO_TEXTS: [&[u8]; 4] =
        [&7_i64.to_be_bytes(), &(-1_i64).to_be_bytes(), b"with \0", b"\xc3\x28"];
    let too_long = [1; 1025];
    let no_collated: [&[u8]; 5] = [b"", b"a title", b"\0", b"\x02a", &too_long];
    let (_app, lists) = lists();
    for list in &lists {
        for (sort, keys) in list.sorts {
            let others = match keys {
                Keys::Texts => NO_TEXTS.to_vec(),
                Keys::Collated => no_collated.to_vec(),
                Keys::Numbers => [&NO_NUMBERS[..], &[b""]].concat(),
                Keys::OptionalNumbers => NO_NUMBERS.to_vec(),
            };
            for key in others {
                list.follow(sort, "asc", 1, key).error(400, "malformed_cursor");
            }
        }
    }
}

#[test]
fn a_cursor_of_any_other_position_is_followed() {
    const NUMBERS: [&[u8]; 4] = [
        &i64::MIN.to_be_bytes(),
        // Just past the 32 bits of a column.
        &(1_i64 << 31).to_be_bytes(),
        &i64::MAX.to_be_bytes(),
        &0_i64.to_be_bytes(),
    ];
    const COLLATED: [&[u8]; 3] = [b"\x01", b"\x01a title", b"\x01\xff\xff\0"];
    const TEXTS: [&[u8]; 3] = ["\u{10ffff}".as_bytes(), b"% _ ' \\", b""];
    let (_app, lists) = lists();
    for list in &lists {
        for (sort, keys) in list.sorts {
            let keys = match keys {
                Keys::Texts => TEXTS.to_vec(),
                Keys::Collated => COLLATED.to_vec(),
                Keys::Numbers => NUMBERS.to_vec(),
                Keys::OptionalNumbers => [&NUMBERS[..], &[b""]].concat(),
            };
            for key in keys {
                for id in [i64::MIN, 0, i64::MAX] {
                    list.follow(sort, "asc", id, key).expect(200);
                    list.follow(sort, "desc", id, key).expect(200);
                }
            }
        }
    }
}
