//! What a server does while its database is away. SQLite's never is.

use std::thread;
use std::time::{Duration, Instant};

use bookshelf_tests::Link;
use bookshelf_tests::app::{Answer, App, Client, on_postgres};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_database_that_is_gone_is_told_and_found_again() {
    outage(Link::cut);
}

#[test]
fn a_database_that_hangs_is_told_and_found_again() {
    outage(Link::freeze);
}

fn outage(stop: fn(&Link)) {
    if !on_postgres() {
        return;
    }
    let (app, link) = App::linked();
    let ann = app.user("ann");
    let book = ann.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201);
    let path = book.header("location").to_owned();
    app.anonymous().get("/health/ready").expect(200);

    stop(&link);
    // More than there are connections to the database.
    thread::scope(|scope| {
        for number in 0..64 {
            let (ann, path) = (&ann, &path);
            scope.spawn(move || unavailable(&ask(ann, path, number)));
        }
    });
    app.anonymous().get("/health").expect(200);
    app.anonymous().get("/health/ready").expect(503);

    link.mend();
    let patience = Instant::now() + PATIENCE;
    while app.anonymous().get("/health/ready").status != 200 {
        assert!(Instant::now() < patience, "the database is not found again");
        thread::sleep(Duration::from_millis(20));
    }
    for number in 0..64 {
        let status = ask(&ann, &path, number).status;
        assert!(status < 300, "{status}");
    }
}

fn ask(user: &Client, path: &str, number: usize) -> Answer {
    match number % 4 {
        0 => user.get(path),
        1 => user.get("/api/v1/books?search=a"),
        2 => user.get("/api/v1/auth/me"),
        _ => user.post("/api/v1/books", json!({"title": "A", "author": "B"})),
    }
}

fn unavailable(answer: &Answer) {
    answer.error(503, "unavailable");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
}
