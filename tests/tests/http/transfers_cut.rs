//! Transfers that do not come to their end, or take long.

use std::thread;
use std::time::Duration;

use bookshelf_tests::app::{Answer, App, Client, Wire};
use serde_json::json;

/// Begins to send a file of books, of so many bytes.
fn begin(app: &App, admin: &Client, length: usize, part: &str) -> Wire {
    let mut wire = app.connect();
    let token = &admin.login().access_token;
    wire.send(format!(
        "POST /api/v1/books/import HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: text/csv\r\ncontent-length: {length}\r\n\r\n{part}"
    ));
    wire
}

fn total(app: &App) -> usize {
    app.anonymous().get("/api/v1/books").header("x-total-count").parse().unwrap()
}

/// Waits until so many books are there, which may be after the client is gone.
fn await_total(app: &App, expected: usize) {
    for _ in 0..500 {
        if total(app) == expected {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(total(app), expected);
}

fn rows(count: usize) -> String {
    let rows = (0..count).map(|number| format!("Title {number},Ann Author\n"));
    std::iter::once("title,author\n".to_owned()).chain(rows).collect()
}

#[test]
fn what_came_before_a_cut_is_kept_and_the_file_can_be_sent_again() {
    let app = App::start();
    let admin = app.admin();
    let file = rows(1300);
    // In the middle of a row that would be good: it must not become another book.
    let part = file.strip_suffix("9,Ann Author\n").unwrap().to_owned() + "9,Ann";
    let mut wire = begin(&app, &admin, file.len(), &part);
    wire.finish_sending();
    let error = wire.answer().error(400, "bad_request");
    let counts = json!({"created": 1299, "updated": 0, "skipped": 0, "failed": 0, "errors": []});
    assert_eq!(error["report"], counts, "{error}");
    assert_eq!(total(&app), 1299);
    assert_eq!(
        app.anonymous().get("/api/v1/books?author=ann&sort=author").data()[0]["author"],
        "Ann Author"
    );
    let send = || admin.request("POST", "/api/v1/books/import").body("text/csv", &*file).send();
    assert_eq!(send().expect(200).data()["created"], 1);
    assert_eq!(send().expect(200).data()["skipped"], 1300);
    assert_eq!(total(&app), 1300);
}

#[test]
fn a_client_that_dies_leaves_what_it_had_sent() {
    let app = App::start();
    let admin = app.admin();
    let file = rows(700);
    drop(begin(&app, &admin, file.len() + 1, &file));
    await_total(&app, 700);
    // Before the header was whole there is nothing to keep.
    begin(&app, &admin, 1000, "title,au").finish_sending();
    drop(begin(&app, &admin, 1000, ""));
    admin.get("/api/v1/books").expect(200);
    assert_eq!(total(&app), 700);
}

#[test]
fn a_server_that_dies_has_kept_whole_batches_and_the_file_can_be_sent_again() {
    let mut app = App::start();
    let admin = app.admin();
    // The server looks at the first MiB before it writes a row.
    let prose = format!("Author,{}\n", "x".repeat(1000));
    let file = rows(3000).replace("author\n", "author,description\n").replace("Author\n", &prose);
    let wire = begin(&app, &admin, file.len() + 1, &file);
    while total(&app) == 0 {
        thread::sleep(Duration::from_millis(1));
    }
    app.restart();
    drop(wire);
    assert!(total(&app).is_multiple_of(500) && total(&app) > 0);
    assert_eq!(app.integrity(), "ok");
    let admin = app.login("admin@example.com");
    let again = admin.request("POST", "/api/v1/books/import").body("text/csv", file).send();
    assert_eq!(again.expect(200).data()["failed"], 0);
    assert_eq!(total(&app), 3000);
}

#[test]
fn a_body_that_trickles_in_is_cut_and_one_that_keeps_coming_is_not() {
    let short = [("BOOKSHELF_BODY_TIMEOUT", "1s"), ("BOOKSHELF_REQUEST_TIMEOUT", "1s")];
    let app = App::with(&short);
    let admin = app.admin();
    let mut wire = begin(&app, &admin, 100_000, "title,author\nA,B\n");
    for _ in 0..15 {
        wire.send("x");
        thread::sleep(Duration::from_millis(100));
    }
    let error = wire.answer().error(400, "bad_request");
    assert!(error["message"].as_str().unwrap().contains("took too long"), "{error}");
    assert_eq!(total(&app), 1);

    let prose = format!("Author,{}\n", "x".repeat(2000));
    let file = rows(700).replace("author\n", "author,description\n").replace("Author\n", &prose);
    let mut pieces = file.as_bytes().chunks(file.len() / 5);
    let first = str::from_utf8(pieces.next().unwrap()).unwrap();
    let mut wire = begin(&app, &admin, file.len(), first);
    for piece in pieces {
        thread::sleep(Duration::from_millis(400));
        wire.send(piece);
    }
    assert_eq!(wire.answer().expect(200).data()["created"], 700);
}

fn import(client: &Client) -> Answer {
    let request = client.request("POST", "/api/v1/shelf/import");
    request.body("text/csv", "title,author,status\nA,B,read\n").send()
}

/// Waits until an import is no longer refused, which may be after the client of another is gone.
fn await_served(client: &Client) {
    for _ in 0..500 {
        if import(client).status == 200 {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    import(client).expect(200);
}

#[test]
fn an_import_that_takes_too_long_reports_what_it_did() {
    let app = App::with(&[("BOOKSHELF_IMPORT_TIMEOUT", "1s")]);
    let ann = app.admin();
    let mut wire = begin(&app, &ann, 100_000, "title,author\nA,B\n,C\n");
    let error = wire.answer().error(503, "unavailable");
    assert!(error["message"].as_str().unwrap().contains("too long"), "{error}");
    assert_eq!((&error["report"]["created"], &error["report"]["failed"]), (&1.into(), &1.into()));
    assert_eq!(error["report"]["errors"][0]["line"], 3);
    assert_eq!(total(&app), 1);
}

#[test]
fn trickling_imports_of_one_user_leave_the_others_served() {
    let app = App::start();
    let admin = app.admin();
    let (ann, service) = (app.user("ann"), admin.service(&["admin", "write"]));
    let mut begun: Vec<_> =
        (0..4).map(|_| begin(&app, &admin, 1000, "title,author\nA,B\n")).collect();
    // One of the four is under way, and the server has answered the others.
    let refused: Vec<_> = begun.iter_mut().filter_map(Wire::answer_within_a_second).collect();
    assert_eq!(refused.len(), 3);
    for refused in refused {
        let error = refused.error(429, "rate_limited");
        let message = "You have an import or export under way; wait until it ends, then try again";
        assert_eq!(error["message"], message);
        assert_eq!(refused.header("retry-after"), "5");
    }
    for mine in [&admin, &service, &app.login("admin@example.com")] {
        import(mine).error(429, "rate_limited");
    }
    admin.get("/api/v1/books/export").error(429, "rate_limited");
    import(&ann).expect(200);
    ann.get("/api/v1/books/export").expect(200);
    drop(begun);
    await_served(&admin);
}

#[test]
fn a_user_with_an_export_under_way_begins_no_other_transfer() {
    let app = App::start();
    let (admin, ann) = (app.admin(), app.user("ann"));
    let prose = "x".repeat(2000);
    let line = |n| format!("{{\"title\":\"T{n}\",\"author\":\"A\",\"description\":\"{prose}\"}}\n");
    let file: String = (0..8000).map(line).collect();
    let books = admin.request("POST", "/api/v1/books/import");
    books.body("application/x-ndjson", file).send().expect(200);
    let token = &admin.login().access_token;
    let get = format!("host: x\r\nauthorization: Bearer {token}\r\n\r\n");
    let mut wire = app.connect();
    wire.send(format!("GET /api/v1/books/export HTTP/1.1\r\n{get}"));
    wire.head();
    for export in ["/api/v1/books/export", "/api/v1/shelf/export"] {
        admin.get(export).error(429, "rate_limited");
        ann.get(export).expect(200);
    }
    import(&admin).error(429, "rate_limited");
    import(&ann).expect(200);
    drop(wire);
    assert!((0..500).any(|_| {
        thread::sleep(Duration::from_millis(10));
        admin.get("/api/v1/shelf/export").status == 200
    }));
}

/// Begins an import of a user at an address, and returns when it is under way.
fn occupy(app: &App, user: &Client, address: &str) -> Wire {
    let token = &user.login().access_token;
    for _ in 0..100 {
        let mut wire = app.connect();
        wire.send(format!(
            "POST /api/v1/shelf/import HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             x-forwarded-for: {address}\r\ncontent-type: text/csv\r\ncontent-length: 1000\r\n\r\n\
             title,author,status\n"
        ));
        thread::sleep(Duration::from_millis(50));
        // The import is under way when the same user is refused another. If the other one came first,
        // this one was refused.
        if import_at(user, address).status == 429 {
            return wire;
        }
    }
    panic!("the import did not begin");
}

fn import_at(user: &Client, address: &str) -> Answer {
    let request = user.request("POST", "/api/v1/shelf/import");
    let request = request.header("x-forwarded-for", address);
    request.body("text/csv", "title,author,status\nA,B,read\n").send()
}

#[test]
fn only_so_many_imports_of_an_address_and_of_all_users_go_on_at_once() {
    let app = App::with(&[("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.1")]);
    let users: Vec<_> = (0..7).map(|n| app.user(&format!("user{n}"))).collect();
    let (last, others) = users.split_last().unwrap();
    let occupied = |users: &[Client], address| {
        users.iter().map(|user| occupy(&app, user, address)).collect::<Vec<_>>()
    };
    let first = occupied(&others[..3], "10.0.0.1");
    let error = import_at(last, "10.0.0.1").error(429, "rate_limited");
    assert!(error["message"].as_str().unwrap().starts_with("Your address has"), "{error}");
    import_at(last, "10.0.0.3").expect(200);
    let second = occupied(&others[3..], "10.0.0.2");
    let refused = import_at(last, "10.0.0.3");
    refused.error(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    drop((first, second));
    await_served(last);
}

#[test]
fn a_reader_that_takes_nothing_is_let_go_of() {
    let app = App::with(&[("BOOKSHELF_SEND_TIMEOUT", "1s")]);
    let admin = app.admin();
    let prose = "x".repeat(2000);
    let line = |n| format!("{{\"title\":\"T{n}\",\"author\":\"A\",\"description\":\"{prose}\"}}\n");
    let file: String = (0..8000).map(line).collect();
    let import = admin.request("POST", "/api/v1/books/import");
    import.body("application/x-ndjson", file).send().expect(200);
    let mut wire = app.connect();
    let token = &admin.login().access_token;
    wire.send(format!(
        "GET /api/v1/books/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
    ));
    wire.head();
    thread::sleep(Duration::from_secs(4));
    let rest = wire.rest();
    assert!(!rest.ends_with("0\r\n\r\n") && rest.len() < 16_000_000, "{}", rest.len());
    assert!(admin.get("/api/v1/books/export").expect(200).body.len() > 16_000_000);
}
