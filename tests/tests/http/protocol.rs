//! Rules of HTTP and of the API that every resource shares.

use bookshelf_tests::app::{Answer, App, Client};
use serde_json::{Value, json};

fn add(client: &Client, book: Value) -> Answer {
    client.post("/api/v1/books", book).expect(201)
}

fn link(answer: &Answer) -> String {
    answer.data()["links"]["self"].as_str().unwrap().to_owned()
}

#[test]
fn what_get_shows_can_be_put_back_and_changes_nothing() {
    let app = App::start();
    let ann = app.user("ann");
    let whole = json!({"title": "A", "author": "B", "isbn": "9780132350884", "genre": "Drama",
        "year": 2008, "description": "One\nTwo"});
    for book in [json!({"title": "A", "author": "B"}), whole] {
        let path = link(&add(&ann, book));
        let entry = json!({"book_id": ann.get(&path).data()["id"], "rating": 4, "notes": "Good"});
        let entry = link(&ann.post("/api/v1/shelf", entry).expect(201));
        for path in [path, entry] {
            let shown = ann.get(&path).expect(200);
            for method in ["PUT", "PATCH"] {
                let tag = shown.header("etag");
                let request = ann.request(method, &path).header("if-match", tag);
                let answer = request.json(&shown.data()).send().expect(200);
                assert_eq!(answer.data(), shown.data(), "{method} {path}");
                assert_eq!(answer.header("etag"), tag, "{method} {path}");
                assert_eq!(ann.get(&path).header("etag"), tag, "{method} {path}");
            }
        }
    }
    let admin = app.admin();
    let of_ann = format!("/api/v1/users/{}", ann.login().user["id"]);
    for (client, path) in [(&ann, "/api/v1/auth/me"), (&admin, &of_ann)] {
        let shown = client.get(path).expect(200);
        let request = client.request("PATCH", path).header("if-match", shown.header("etag"));
        let answer = request.json(&shown.data()).send().expect(200);
        assert_eq!((answer.data(), answer.header("etag")), (shown.data(), shown.header("etag")));
    }
}

#[test]
fn an_email_address_and_ones_own_role_cannot_be_changed() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let of_ann = format!("/api/v1/users/{}", ann.login().user["id"]);
    let refused = |client: &Client, path: &str, change: Value| {
        let answer = client.patch(path, change);
        let faults = answer.faults();
        for field in &faults {
            let sentence = answer.json()["error"]["details"][field][0].clone();
            assert!(sentence.as_str().unwrap().contains("cannot be changed here"), "{sentence}");
        }
        faults
    };
    for email in [json!("bob@example.com"), json!("Ann@example.com"), json!("x"), json!(null)] {
        let change = json!({"email": email, "name": "Other"});
        assert_eq!(refused(&ann, "/api/v1/auth/me", change.clone()), ["email"]);
        assert_eq!(refused(&admin, &of_ann, change), ["email"]);
    }
    for role in [json!("admin"), json!("king"), json!(null)] {
        let change = json!({"role": role, "email": "x", "name": "Other"});
        assert_eq!(refused(&ann, "/api/v1/auth/me", change), ["email", "role"]);
    }
    let shown = ann.get("/api/v1/auth/me").data();
    assert_eq!((&shown["role"], &shown["name"]), (&json!("user"), &json!(null)));
    let change = json!({"email": " ann@example.com ", "role": "user", "name": "Ann"});
    assert_eq!(ann.patch("/api/v1/auth/me", change).expect(200).data()["name"], "Ann");
    let change = json!({"email": "ann@example.com", "role": "admin"});
    assert_eq!(admin.patch(&of_ann, change).expect(200).data()["role"], "admin");
    assert_eq!(admin.patch(&of_ann, json!({"email": 7})).faults(), ["email"]);
}

#[test]
fn read_only_members_are_ignored_and_unknown_ones_refused() {
    let app = App::start();
    let ann = app.user("ann");
    let book = link(&add(&ann, json!({"title": "A", "author": "B"})));
    let entry = json!({"book": {"title": "C", "author": "D"}});
    let entry = link(&ann.post("/api/v1/shelf", entry).expect(201));
    let shown = ann.get(&entry).data();
    let read_only = json!({"id": "x", "created_at": 1, "updated_at": null, "links": [], "rating": 7,
        "cover": {}, "title": "A", "author": "B"});
    for method in ["PUT", "PATCH"] {
        ann.request(method, &book).json(&read_only).send().expect(200);
        let refused = json!({"title": "A", "author": "B", "added_at": 1, "colour": 1});
        let answer = ann.request(method, &book).json(&refused).send();
        assert_eq!(answer.faults(), ["added_at", "colour"], "{method}");

        let other = json!({"id": 0, "book": {"id": 0}, "book_id": "x", "links": 1, "added_at": 1,
            "updated_at": 1});
        let answer = ann.request(method, &entry).json(&other).send().expect(200);
        assert_eq!(answer.data()["book"], shown["book"]);
        let refused = json!({"created_at": 1, "cover": 1});
        let answer = ann.request(method, &entry).json(&refused).send();
        assert_eq!(answer.faults(), ["cover", "created_at"], "{method}");
    }
    let shown = ann.get("/api/v1/auth/me").data();
    let me = json!({"id": 0, "created_at": 1, "links": {}, "name": "Ann"});
    let answer = ann.patch("/api/v1/auth/me", me).expect(200);
    assert_eq!((&answer.data()["id"], &answer.data()["name"]), (&shown["id"], &json!("Ann")));
    assert_eq!(ann.patch("/api/v1/auth/me", json!({"role": "admin"})).faults(), ["role"]);
    // What creates a resource takes none of them.
    let made = ann.post("/api/v1/books", json!({"id": 1, "title": "A", "author": "B"}));
    assert_eq!(made.faults(), ["id"]);
}

#[test]
fn a_tag_that_was_never_given_is_stale() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let made = add(&ann, json!({"title": "A", "author": "B"}));
    let path = link(&made);
    let tag = made.header("etag").trim_matches('"').to_owned();
    let entry = ann.post("/api/v1/shelf", json!({"book_id": made.data()["id"]})).expect(201);
    let of_entry = entry.header("etag").trim_matches('"').to_owned();
    let me = ann.get("/api/v1/auth/me").expect(200);
    let of_me = me.header("etag").trim_matches('"').to_owned();
    let cases = [(&path, &tag, &admin), (&link(&entry), &of_entry, &ann)];
    for (path, tag, client) in cases {
        let forged =
            ["1", "x", "", "01", "1-0-0-0-0-0-0", "99999999999999999999"].map(str::to_owned);
        let altered =
            [format!("{tag}x"), format!("{tag}-"), format!("0{tag}"), tag.to_uppercase() + "0x"];
        for forged in forged.iter().chain(&altered).chain([&of_me]) {
            let forged = format!("\"{forged}\"");
            for method in ["PUT", "PATCH", "DELETE"] {
                let request = client.request(method, path).header("if-match", &forged);
                let answer = request.json(&json!({"title": "C", "author": "D"})).send();
                // Only a book has a title.
                let is_fault = answer.status == 422 && path.contains("shelf");
                assert!(answer.status == 412 || is_fault, "{method} {path} {forged}");
            }
        }
    }
    let forged = ann.request("PATCH", "/api/v1/auth/me").header("if-match", "\"1\"");
    forged.json(&json!({"name": "B"})).send().error(412, "precondition_failed");
    let missing = format!("{path}000");
    let request = ann.request("PATCH", &missing).header("if-match", "W/\"1\"");
    request.json(&json!({"title": "C"})).send().error(404, "not_found");
}

#[test]
fn a_weakened_tag_is_refused_with_the_reason() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let made = add(&ann, json!({"title": "A", "author": "B"}));
    let (path, tag) = (link(&made), made.header("etag").to_owned());
    let weak = format!("W/{tag}");
    for (client, method) in [(&ann, "PUT"), (&ann, "PATCH"), (&admin, "DELETE")] {
        let request = client.request(method, &path).header("if-match", &weak);
        let answer = request.json(&json!({"title": "C", "author": "D"})).send();
        let message = answer.error(412, "precondition_failed")["message"].clone();
        assert!(message.as_str().unwrap().contains("W/"), "{message}");
    }
    let stale = ann.request("PATCH", &path).header("if-match", "\"x\"");
    let message = stale.json(&json!({"title": "C"})).send().error(412, "precondition_failed");
    assert!(!message["message"].as_str().unwrap().contains("W/"), "{message}");
    let both = ann.request("PATCH", &path).header("if-match", &format!("{weak}, {tag}"));
    both.json(&json!({"title": "C"})).send().expect(200);
}

/// The answer to a request whose headers have several lines of one name.
fn ask(app: &App, client: &Client, method: &str, path: &str, lines: &[&str], body: &str) -> Answer {
    let mut wire = app.connect();
    let token = client.login.as_ref().map(|login| &login.access_token);
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    wire.send(format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\n{token}content-type: application/json\r\n\
         content-length: {}\r\n{}\r\n\r\n{body}",
        body.len(),
        lines.join("\r\n"),
    ));
    if body.is_empty() { wire.head() } else { wire.answer() }
}

#[test]
fn a_list_of_tags_may_have_several_lines_and_empty_elements() {
    let app = App::start();
    let ann = app.user("ann");
    let made = add(&ann, json!({"title": "A", "author": "B"}));
    let (path, tag) = (link(&made), made.header("etag").to_owned());
    let line = |name: &str, value: &str| format!("{name}: {value}");
    for value in ["\"x\"", "\"x\",", ", \"x\" , ,\"y\"", ""] {
        for pair in [[value, &tag], [&tag, value]] {
            let known = pair.map(|value| line("if-none-match", value));
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            assert_eq!(ask(&app, &ann, "GET", &path, &known, "").status, 304, "{known:?}");
            let expected = pair.map(|value| line("If-Match", value));
            let expected: Vec<_> = expected.iter().map(String::as_str).collect();
            let answer = ask(&app, &ann, "PATCH", &path, &expected, "{\"year\": null}");
            assert_eq!(answer.status, 200, "{expected:?} {}", answer.text());
        }
    }
    for lines in [["if-match: \"x\"", "if-match: \"y\""], ["if-match: W/\"x\"", "if-match: \"y\""]]
    {
        let answer = ask(&app, &ann, "PATCH", &path, &lines, "{\"year\": 1}");
        assert_eq!(answer.status, 412, "{lines:?}");
    }
}

#[test]
fn a_byte_order_mark_before_json_is_skipped() {
    let app = App::start();
    let ann = app.user("ann");
    let send = |method: &str, path: &str, body: &str| {
        let body = format!("\u{feff}{body}");
        ann.request(method, path).body("application/json", body).send()
    };
    let book = r#"{"title": "A", "author": "B"}"#;
    let path = link(&send("POST", "/api/v1/books", book).expect(201));
    send("PUT", &path, book).expect(200);
    send("PATCH", &path, r#"{"year": 7}"#).expect(200);
    send("POST", "/api/v1/shelf", r#"{"book": {"title": "C", "author": "D"}}"#).expect(201);
    let login = r#"{"email": "ann@example.com", "password": "correct horse battery"}"#;
    send("POST", "/api/v1/auth/login", login).expect(200);
    send("POST", "/api/v1/books", "\u{feff}{}").error(400, "malformed_json");
    send("POST", "/api/v1/books", "").error(400, "missing_body");
}

#[test]
fn text_is_tidied_and_text_that_shows_nothing_is_empty() {
    let app = App::start();
    let ann = app.user("ann");
    let messy = json!({"title": "\u{a0} A \u{2003}\u{3000} tale ", "author": "Ann   Bee",
        "genre": "Short  story", "description": " One  two\n\n three "});
    let made = add(&ann, messy).data();
    assert_eq!((&made["title"], &made["author"]), (&json!("A tale"), &json!("Ann Bee")));
    assert_eq!(made["genre"], "Short story");
    assert_eq!(made["description"], "One  two\n\n three");
    let book_path = made["links"]["self"].as_str().unwrap().to_owned();
    let nothing = [
        "\u{200b}",
        "\u{200e}\u{200f}",
        "\u{202a}\u{202c}",
        "\u{2066}\u{2069}",
        "\u{fe0f}",
        "\u{3164}",
        "\u{ffa0}",
        "\u{115f}\u{1160}",
        "\u{ad}",
        "\u{feff}",
        "\u{2060}",
        "\u{180e}",
        "\u{34f}",
        "\u{e0001}",
        "\u{2800}",
        " \u{200b} \u{3000}",
    ];
    for nothing in nothing {
        for field in ["title", "author"] {
            let mut book = json!({"title": "A", "author": "B"});
            book[field] = json!(nothing);
            assert_eq!(ann.post("/api/v1/books", book).faults(), [field], "{nothing:?}");
            let change = json!({field: nothing});
            assert_eq!(ann.patch(&book_path, change).faults(), [field], "{nothing:?}");
        }
        let key = json!({"name": nothing, "permissions": ["read"]});
        assert_eq!(ann.post("/api/v1/api-keys", key).faults(), ["name"]);
        // An empty search finds everything.
        let query = nothing.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        let found = ann.get(&format!("/api/v1/books?title={query}")).expect(200).json();
        assert_eq!(found["pagination"]["total_items"], 1, "{nothing:?}");
    }
    // A mark that shows something, and a visible text with an invisible character.
    for title in ["\u{301}", "👩\u{200d}🚀", "نا\u{200c}مه"] {
        assert_eq!(add(&ann, json!({"title": title, "author": "B"})).data()["title"], title);
    }
}

#[test]
fn text_that_shows_nothing_clears_an_optional_field() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let whole = json!({"title": "A", "author": "B", "isbn": "9780132350884", "genre": "Drama",
        "description": "C"});
    for nothing in ["", " \n ", "\u{200b}", "\u{3164} \u{feff}"] {
        let book = link(&add(&ann, whole.clone()));
        let entry = json!({"book_id": ann.get(&book).data()["id"], "notes": "D"});
        let entry = link(&ann.post("/api/v1/shelf", entry).expect(201));
        ann.patch("/api/v1/auth/me", json!({"name": "Ann", "username": "ann"})).expect(200);

        let empty = json!({"isbn": nothing, "genre": nothing, "description": nothing});
        let cleared = ann.patch(&book, empty.clone()).expect(200).data();
        assert_eq!(cleared["genre"], "Unknown", "{nothing:?}");
        assert!(cleared["isbn"].is_null() && cleared["description"].is_null(), "{nothing:?}");
        let mut replacement = empty;
        (replacement["title"], replacement["author"]) = (json!("E"), json!("F"));
        let tag = ann.put(&book, replacement.clone()).expect(200).header("etag").to_owned();
        assert_eq!(ann.put(&book, replacement.clone()).header("etag"), tag, "nothing changes");
        let made = add(&ann, replacement).data();
        assert!(made["description"].is_null() && made["genre"] == "Unknown", "{made}");

        let cleared = ann.patch(&entry, json!({"notes": nothing})).expect(200).data();
        assert!(cleared["notes"].is_null(), "{nothing:?}");
        let names = json!({"name": nothing, "username": nothing});
        let me = ann.patch("/api/v1/auth/me", names).expect(200).data();
        assert!(me["name"].is_null() && me["username"].is_null(), "{nothing:?}");
        // Without these, a key or an invitation would do more than was asked for.
        let key = json!({"name": "x", "permissions": ["read"], "expires_at": nothing});
        assert_eq!(ann.post("/api/v1/api-keys", key).faults(), ["expires_at"]);
        let invite = json!({"email": nothing, "role": nothing, "expires_at": nothing});
        let answer = admin.post("/api/v1/invites", invite);
        assert_eq!(answer.faults(), ["email", "expires_at", "role"]);
        ann.delete(&entry).expect(204);
    }
    let refused = ann.post(
        "/api/v1/books",
        json!({"title": "A", "author": "B", "genre": "\0",
        "description": "\0", "isbn": "\0"}),
    );
    assert_eq!(refused.faults(), ["description", "genre", "isbn"]);
}

#[test]
fn an_import_takes_an_invisible_cell_for_an_empty_one() {
    let app = App::start();
    let csv = "title,author,genre\n\u{200b},A,x\nB,\u{3164},x\n C  D ,E,\u{200b}\n";
    let import = app.admin().request("POST", "/api/v1/books/import").body("text/csv", csv);
    let report = import.send().expect(200).data();
    assert_eq!((&report["created"], &report["failed"]), (&json!(1), &json!(2)), "{report}");
    let books = app.anonymous().get("/api/v1/books").data();
    assert_eq!((&books[0]["title"], &books[0]["genre"]), (&json!("C D"), &json!("Unknown")));
}

#[test]
fn the_root_sends_browsers_to_the_documentation_and_links_others() {
    let app = App::start();
    let nobody = app.anonymous();
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for accept in [browser, "text/html", "application/xhtml+xml", "text/html, application/json"] {
        let sent = nobody.request("GET", "/").header("accept", accept).send().expect(302);
        assert_eq!(sent.header("location"), "/apidocs/", "{accept}");
        assert!(sent.header("vary").to_lowercase().contains("accept"), "{accept}");
    }
    let entry = nobody.get("/api/v1").expect(200).json();
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.9", "image/png", ""]
    {
        let linked = nobody.request("GET", "/").header("accept", accept).send().expect(200);
        assert_eq!(linked.json(), entry, "{accept}");
        assert!(linked.header("vary").to_lowercase().contains("accept"), "{accept}");
    }
    assert_eq!(nobody.get("/").expect(200).json(), entry);
    nobody.request("HEAD", "/").send().expect(200);
    nobody.post("/", json!({})).error(405, "method_not_allowed");
}

#[test]
fn every_401_has_a_challenge() {
    let app = App::start();
    let nobody = app.anonymous();
    let nonsense = nobody.request("GET", "/api/v1/shelf").header("x-api-key", "bks_nonsense");
    let answer = nonsense.send();
    answer.error(401, "api_key_invalid");
    assert!(answer.header("www-authenticate").starts_with("Bearer "), "{answer:?}");
    let document = nobody.get("/api/v1/openapi.json").expect(200).json();
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "1").replace("{isbn}", "9780132350884");
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let wrong =
                json!({"email": "x@example.com", "password": "wrong", "refresh_token": "x"});
            for (name, value) in [
                ("x-nothing", ""),
                ("x-api-key", "bks_nonsense"),
                ("x-api-key", ""),
                ("authorization", "Bearer nonsense"),
                ("authorization", "Bearer "),
                ("authorization", "Basic YTpi"),
            ] {
                for accept in ["application/json", "application/problem+json"] {
                    let request = nobody.request(&method, &path).header(name, value);
                    let request = request.header("accept", accept);
                    let answer = match method.as_str() {
                        "GET" | "DELETE" => request.send(),
                        _ => request.json(&wrong).send(),
                    };
                    if answer.status == 401 {
                        refused += 1;
                        let challenge = answer.header("www-authenticate");
                        assert!(challenge.starts_with("Bearer realm="), "{method} {path} {name}");
                    }
                }
            }
        }
    }
    assert!(refused > 200, "{refused}");
}

#[test]
fn accept_may_have_several_lines() {
    let app = App::start();
    let nobody = app.anonymous();
    let get = |path: &str, lines: &[&str]| ask(&app, &nobody, "GET", path, lines, "");
    assert_eq!(
        get("/api/v1/books", &["accept: text/html", "accept: application/json"]).status,
        200
    );
    assert_eq!(get("/api/v1/books", &["accept: text/html", "accept: image/*"]).status, 406);
    assert_eq!(get("/api/v1/books", &["accept: text/html", "accept: \u{ff}"]).status, 406);
    for lines in [
        ["accept: text/html", "accept: application/problem+json"],
        ["accept: application/problem+json", "accept: */*"],
        ["accept: application/problem+json", "accept: \u{ff}"],
        ["accept: text/html;x=\"a,\\\"b\"", "accept: application/problem+json"],
    ] {
        let answer = get("/api/v1/books?x=1", &lines);
        assert_eq!(answer.status, 422, "{lines:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{lines:?}");
    }
    let answer = get(
        "/api/v1/books?x=1",
        &["accept: application/json", "accept: application/problem+json;q=0.9"],
    );
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(get("/", &["accept: */*;q=0.1", "accept: text/html"]).status, 302);
    let ann = app.user("ann");
    let lines = ["accept: text/html;q=0.5", "accept: application/x-ndjson"];
    let answer = ask(&app, &ann, "GET", "/api/v1/books/export", &lines, "");
    assert!(answer.header("content-type").starts_with("application/x-ndjson"), "{answer:?}");
}

#[test]
fn public_reads_are_counted_for_the_caller() {
    let app = App::with(&[("BOOKSHELF_RATE_LIMIT_READ", "20/hour")]);
    let (ann, nobody) = (app.user("ann"), app.anonymous());
    let key = ann.service(&["read"]);
    let left = |client: &Client, path: &str| -> u32 {
        let answer = client.get(path).expect(200);
        let (_, rest) = answer.header("ratelimit").split_once(";r=").unwrap();
        rest.split(';').next().unwrap().parse().unwrap()
    };
    for (number, path) in (1..).zip(["/api/v1/books", "/api/v1", "/api/v1/books?page=2"]) {
        assert_eq!(left(&nobody, path), 20 - 3 * number + 2);
        assert_eq!(left(&ann, path), 20 - number);
        assert_eq!(left(&key, path), 20 - number);
        // What nobody signed counts for the address.
        let mut forged = ann.login().clone();
        forged.access_token.pop();
        assert_eq!(left(&ann.bearing(forged), path), 20 - 3 * number + 1);
        assert_eq!(left(&nobody.showing("bks_nonsense"), path), 20 - 3 * number);
    }
    assert_eq!(left(&ann, "/api/v1/auth/me"), 16, "one count for all reads of a user");
    // Whether the session still lives does not matter to what everybody may read.
    ann.post("/api/v1/auth/logout", json!({})).expect(204);
    assert_eq!(left(&ann, "/api/v1/books"), 15);
}

#[test]
fn a_resource_without_tags_is_deleted_only_without_one() {
    let app = App::start();
    let admin = app.admin();
    let key = admin.post("/api/v1/api-keys", json!({"name": "x", "permissions": ["read"]}));
    let invite = admin.post("/api/v1/invites", json!({})).expect(201);
    app.login("admin@example.com");
    let sessions = admin.get("/api/v1/auth/sessions").data();
    let session = sessions.as_array().unwrap().iter().find(|session| session["current"] == false);
    let session = session.unwrap()["links"]["self"].as_str().unwrap().to_owned();
    for path in [link(&key.expect(201)), link(&invite), session] {
        let delete = |tag: &str| admin.request("DELETE", &path).header("if-match", tag).send();
        for tag in ["\"1\"", "\"v1-1\"", "W/\"x\"", "x", "\"x\", \"y\""] {
            let error = delete(tag).error(412, "precondition_failed");
            assert!(error["message"].as_str().unwrap().contains("no entity tags"), "{path} {tag}");
        }
        delete("\"").error(400, "bad_request");
        delete("*").expect(204);
        delete("*").error(404, "not_found");
    }
}

#[test]
fn if_none_match_is_a_condition_of_writes() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let book = add(&ann, json!({"title": "A", "author": "B"}));
    let entry = ann.post("/api/v1/shelf", json!({"book_id": book.data()["id"]})).expect(201);
    let user = format!("/api/v1/users/{}", ann.login().user["id"]);
    let key = admin.post("/api/v1/api-keys", json!({"name": "x", "permissions": ["read"]}));
    let key = link(&key.expect(201));
    let targets = [
        (&admin, link(&book), &["PUT", "PATCH", "DELETE"][..]),
        (&ann, link(&entry), &["PUT", "PATCH", "DELETE"]),
        (&admin, user, &["PATCH", "DELETE"]),
        (&ann, "/api/v1/auth/me".to_owned(), &["PATCH"]),
    ];
    for (client, path, methods) in targets {
        let shown = client.get(&path).expect(200);
        let tag = shown.header("etag");
        for method in methods {
            let write = |path: &str, tags: &str| {
                let request = client.request(method, path).header("if-none-match", tags);
                if *method == "DELETE" {
                    request.send()
                } else {
                    request.json(&shown.data()).send()
                }
            };
            for tags in ["*", tag, &format!("\"x\", W/{tag}")] {
                let error = write(&path, tags).error(412, "precondition_failed");
                assert!(error["message"].as_str().unwrap().contains("If-None-Match"), "{error}");
                assert_eq!(client.get(&path).expect(200).header("etag"), tag, "{method} {path}");
            }
            write(&path, tag.trim_matches('"')).error(400, "bad_request");
            if *method != "DELETE" {
                write(&path, "\"x\"").expect(200);
            }
        }
    }
    let delete = |tags: &str| admin.request("DELETE", &key).header("if-none-match", tags).send();
    delete("*").error(412, "precondition_failed");
    delete("\"x\"").expect(204);
}

#[test]
fn a_tag_without_quotation_marks_is_refused_with_the_reason() {
    let app = App::start();
    let ann = app.user("ann");
    let made = add(&ann, json!({"title": "A", "author": "B"}));
    let (path, tag) = (link(&made), made.header("etag").to_owned());
    let unquoted = ann.request("PATCH", &path).header("if-match", tag.trim_matches('"'));
    let error = unquoted.json(&json!({"year": 7})).send().error(412, "precondition_failed");
    assert!(error["message"].as_str().unwrap().contains("quotation marks"), "{error}");
    assert_eq!(ann.get(&path).header("etag"), tag);
}
