//! What clients and the log see while something that the server needs is away, and that the server
//! needs no restart afterwards.

mod covers;
mod postgres;
mod sqlite;

use std::thread;
use std::time::{Duration, Instant};

use bookshelf_tests::app::{Answer, App, Client};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);
/// How many requests fail during an outage. The log has one line nevertheless.
const REQUESTS: usize = 12;

fn add_book(client: &Client) -> Answer {
    client.post("/api/v1/books", json!({"title": "A", "author": "B"}))
}

/// Sends the request from several threads at once, and asserts that it is refused for a while.
fn unavailable(ask: impl Fn() -> Answer + Sync) {
    thread::scope(|scope| {
        for _ in 0..REQUESTS {
            scope.spawn(|| {
                refused(&ask());
            });
        }
    });
}

/// Asserts that the client is told when to try again.
fn refused(answer: &Answer) {
    answer.error(503, "unavailable");
    let wait = answer.header("retry-after").parse::<u32>();
    assert!(wait.is_ok_and(|seconds| seconds > 0));
}

/// Sends the request until it succeeds.
fn recovers(ask: impl Fn() -> Answer) {
    let patience = Instant::now() + PATIENCE;
    loop {
        let answer = ask();
        if answer.status < 300 {
            return;
        }
        assert!(Instant::now() < patience, "it does not recover: {}", answer.text());
        thread::sleep(Duration::from_millis(50));
    }
}

/// The lines of the log about outages of this kind.
fn outages(app: &App, of: &str) -> Vec<String> {
    let log = app.log();
    assert!(!log.contains("panicked"), "{log}");
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let lines = lines.filter(|line| line["of"] == of);
    lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
}

/// Asserts that the outage has one line in the log, and another one when it is over. `ask` is a
/// request that works again.
fn reported(app: &App, of: &str, ask: impl Fn() -> Answer) {
    let patience = Instant::now() + PATIENCE;
    while outages(app, of) != ["an outage has begun", "an outage is over"] {
        assert!(Instant::now() < patience, "{of}: {:?}", outages(app, of));
        thread::sleep(Duration::from_millis(200));
        assert!(ask().status < 300);
    }
}
