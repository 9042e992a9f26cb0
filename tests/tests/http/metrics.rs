//! What operators see of the server.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use bookshelf_metrics::{METRICS, UNMATCHED, Values};
use bookshelf_tests::app::{App, Client, on_postgres};
use bookshelf_tests::{Link, servers};
use serde_json::json;

const ON: &[(&str, &str)] = &[("BOOKSHELF_METRICS_LISTEN", "127.0.0.1:0")];

/// A line of the metrics: its name, its labels and its value.
#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Sample {
    /// Values of labels that are measured contain no quotation marks.
    fn parse(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').unwrap().split_terminator("\",");
        let labels = labels.map(|label| {
            let (name, value) = label.split_once("=\"").unwrap();
            (name.to_owned(), value.trim_end_matches('"').to_owned())
        });
        Self { name: name.to_owned(), labels: labels.collect(), value: value.parse().unwrap() }
    }

    fn is(&self, name: &str, labels: &[(&str, &str)]) -> bool {
        let has = |(name, value): &(&str, &str)| self.labels.get(*name).is_some_and(|v| v == value);
        self.name == name && labels.iter().all(has)
    }
}

fn scrape(app: &App) -> Vec<Sample> {
    let answer = app.operator().get("/metrics").expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(Sample::parse).collect()
}

/// The sum of all series of this name with these labels.
fn sum(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    samples.iter().filter(|sample| sample.is(name, labels)).map(|sample| sample.value).sum()
}

#[test]
fn nothing_is_served_unless_a_setting_names_an_address() {
    let app = App::start();
    assert!(!app.log().contains("serving metrics"));
    app.anonymous().get("/metrics").expect(404);
    let app = App::with(ON);
    app.operator().get("/metrics").expect(200);
    app.anonymous().get("/metrics").expect(404);
    app.operator().get("/api/v1/books").expect(404);
}

#[test]
fn requests_are_counted_under_the_template_of_their_path() {
    let app = App::with(ON);
    let user = app.user("ann");
    let book = json!({"title": "Emma", "author": "Jane Austen"});
    let id = user.post("/api/v1/books", book).expect(201).data()["id"].as_i64().unwrap();
    for path in [format!("/api/v1/books/{id}"), format!("/api/books/{id}/")] {
        user.get(&path).expect(200);
    }
    user.get("/api/v1/books/0").expect(404);
    user.get("/nowhere").expect(404);
    let samples = scrape(&app);
    let counted = |method: &str, route: &str, status: &str| {
        let labels = [
            ("http_request_method", method),
            ("http_route", route),
            ("http_response_status_code", status),
        ];
        sum(&samples, "http_server_request_duration_seconds_count", &labels)
    };
    assert_eq!(counted("GET", "/api/v1/books/{id}", "200"), 2.0);
    assert_eq!(counted("GET", "/api/v1/books/{id}", "404"), 1.0);
    assert_eq!(counted("POST", "/api/v1/books", "201"), 1.0);
    assert_eq!(counted("GET", UNMATCHED, "404"), 1.0);
    assert_eq!(sum(&samples, "http_server_active_requests", &[]), 0.0);
    let build = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(sum(&samples, "bookshelf_build_info", &build), 1.0);
    assert!(sum(&samples, "process_resident_memory_bytes", &[]) > 0.0);
}

#[test]
fn operations_of_the_database_and_their_waits_are_measured() {
    let app = App::with(ON);
    let user = app.user("ann");
    let book = json!({"title": "Emma", "author": "Jane Austen"});
    let book = user.post("/api/v1/books", book).expect(201);
    user.get(book.header("location")).expect(200);
    user.put(book.header("location"), json!({"title": "E", "author": "J"})).expect(200);
    let stale =
        user.request("PUT", book.header("location")).header("if-match", book.header("etag"));
    stale.json(&json!({"title": "M", "author": "J"})).send().expect(412);
    let samples = scrape(&app);
    let system = if on_postgres() { "postgresql" } else { "sqlite" };
    let ended = |operation: &str, outcome: &str| {
        let labels =
            [("db_system_name", system), ("db_operation_name", operation), ("outcome", outcome)];
        sum(&samples, "db_client_operation_duration_seconds_count", &labels)
    };
    assert!(ended("read", "done") >= 3.0 && ended("write", "done") >= 2.0);
    assert!(ended("statement", "done") >= 1.0);
    assert_eq!(ended("write", "refused"), 1.0);
    assert_eq!(ended("write", "failed") + ended("write", "busy"), 0.0);
    let waits = |queue| sum(&samples, "bookshelf_queue_wait_seconds_count", &[("queue", queue)]);
    assert!(waits("bcrypt") >= 2.0);
    assert_eq!(sum(&samples, "bookshelf_queue_length", &[]), 0.0);
    if on_postgres() {
        let connections = |state| {
            let labels = [("db_client_connection_state", state)];
            sum(&samples, "db_client_connection_count", &labels)
        };
        assert_eq!(connections("used"), 0.0);
        assert!(connections("idle") >= 1.0);
        assert!(sum(&samples, "db_client_connection_wait_time_seconds_count", &[]) >= 3.0);
        assert_eq!(sum(&samples, "db_client_connection_pending_requests", &[]), 0.0);
    } else {
        assert!(waits("sqlite-read") >= 3.0 && waits("sqlite-write") >= 3.0);
    }
}

#[test]
fn logins_refusals_and_rows_are_counted() {
    let app = App::with(&[ON, &[("BOOKSHELF_RATE_LIMIT_LOGIN", "3/hour")]].concat());
    let admin = app.admin();
    let before = scrape(&app);
    for name in ["bookshelf_imported_rows_total", "bookshelf_rate_limit_refusals_total"] {
        assert!(before.iter().any(|sample| sample.name == name), "{name} does not begin at 0");
        assert_eq!(sum(&before, name, &[]), 0.0, "{name}");
    }
    let wrong = json!({"email": "admin@example.com", "password": "correct horse"});
    for status in [401, 401, 429, 429] {
        app.anonymous().post("/api/v1/auth/login", wrong.clone()).expect(status);
    }
    let file = "title,author\nEmma,Jane Austen\n,Nobody\nEmma,Jane Austen\n";
    for path in ["/api/v1/books/import?dry_run=true", "/api/v1/books/import"] {
        admin.request("POST", path).body("text/csv", file).send().expect(200);
    }
    admin.get("/api/v1/books/export").expect(200);
    let after = scrape(&app);
    let counted = |name: &str, labels: &[(&str, &str)]| sum(&after, name, labels);
    assert_eq!(counted("bookshelf_logins_total", &[("outcome", "succeeded")]), 1.0);
    assert_eq!(counted("bookshelf_logins_total", &[("outcome", "failed")]), 2.0);
    assert_eq!(counted("bookshelf_rate_limit_refusals_total", &[("limit", "login")]), 2.0);
    assert_eq!(counted("bookshelf_rate_limit_refusals_total", &[]), 2.0);
    for (outcome, rows) in [("created", 1.0), ("skipped", 1.0), ("failed", 1.0), ("updated", 0.0)] {
        let labels = [("content", "books"), ("outcome", outcome)];
        assert_eq!(counted("bookshelf_imported_rows_total", &labels), rows, "{outcome}");
    }
    assert_eq!(counted("bookshelf_exported_rows_total", &[("content", "books")]), 1.0);
    assert_eq!(counted("bookshelf_exported_rows_total", &[("content", "history")]), 0.0);
}

#[test]
fn operators_learn_what_is_wrong_and_clients_only_that_something_is() {
    let app = App::with(ON);
    let report = app.operator().get("/health/ready").expect(200).json();
    let fine = json!({
        "status": "ready", "draining": false,
        "database": "ok", "cover_store": "ok", "redis": "not used",
    });
    assert_eq!(report, fine);
    let covers = app.program().folder().join("data/covers");
    fs::remove_dir_all(&covers).unwrap();
    fs::write(&covers, "").unwrap();
    let report = app.operator().get("/health/ready").expect(200).json();
    assert!(report["cover_store"].as_str().unwrap().contains("cannot be written"), "{report}");
    assert_eq!((&report["status"], &report["database"]), (&json!("ready"), &json!("ok")));
    if !on_postgres() {
        return;
    }
    let (app, link) = App::linked_with(ON);
    link.cut();
    let report = app.operator().get("/health/ready").expect(503).json();
    assert!(report["database"].as_str().unwrap().contains("PostgreSQL"), "{report}");
    assert_eq!(report["status"], "unavailable");
    assert!(!app.anonymous().get("/health/ready").expect(503).text().contains("PostgreSQL"));
}

#[test]
fn a_server_without_its_redis_says_so() {
    let Some(redis) = servers::redis() else { return };
    let link = Link::to(&redis);
    let app = App::with(&[ON, &[("BOOKSHELF_REDIS_URL", link.url())]].concat());
    let is_up = || sum(&scrape(&app), "bookshelf_redis_up", &[]);
    assert_eq!(is_up(), 1.0);
    link.cut();
    assert_eq!(is_up(), 0.0);
    let report = app.operator().get("/health/ready").expect(200).json();
    assert_ne!(report["redis"], "ok", "{report}");
    link.mend();
    let patience = Instant::now() + Duration::from_secs(60);
    while is_up() == 0.0 {
        assert!(Instant::now() < patience, "Redis is not found again");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_request_keeps_the_trace_that_its_client_began() {
    let app = App::start();
    let nobody = app.anonymous();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traced = |parent: &str| {
        let request = nobody.request("GET", "/api/v1/books").header("traceparent", parent);
        request.send().expect(200).header("traceresponse").to_owned()
    };
    let response = traced(&format!("00-{trace}-00f067aa0ba902b7-01"));
    assert!(response.starts_with(&format!("00-{trace}-")), "{response}");
    assert_eq!(traced(&format!("00-{trace}-00f067aa0ba902b7")), "");
    assert_eq!(nobody.get("/api/v1/books").header("traceresponse"), "");
    let patience = Instant::now() + Duration::from_secs(60);
    while app.log().lines().filter(|line| line.contains("\"message\":\"request\"")).count() < 3 {
        assert!(Instant::now() < patience, "the requests are not logged");
        thread::sleep(Duration::from_millis(5));
    }
    let with_trace = format!("\"trace_id\":\"{trace}\"");
    assert_eq!(app.log().lines().filter(|line| line.contains(&with_trace)).count(), 1);
}

/// Requests that differ from each other in method and path. Each run sends the same ones.
fn send_strange_requests(client: &Client) {
    let methods =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "get", "X-1"];
    for number in 0_u32..150 {
        let method = methods[number as usize % methods.len()];
        let method = if number % 7 == 0 { format!("M{number}") } else { method.to_owned() };
        let path = match number % 5 {
            0 => format!("/api/v1/books/{number}"),
            1 => format!("/api/v1/{number}"),
            2 => format!("/api/v1/shelf/{number}?q={number}"),
            3 => format!("/api/v{number}/books"),
            _ => format!("/%7B{number}%7D"),
        };
        let request = client.request(&method, &path);
        let request =
            request.header("accept", ["*/*", "text/x", "application/json"][number as usize % 3]);
        assert!(request.send().status >= 200);
    }
}

#[test]
fn whatever_clients_send_the_values_of_labels_are_those_of_the_table() {
    let app = App::with(ON);
    let user = app.user("ann");
    send_strange_requests(&user);
    send_strange_requests(&app.anonymous());
    let document = app.anonymous().get("/api/v1/openapi.json").expect(200).json();
    let mut routes: BTreeSet<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    routes.insert(UNMATCHED.to_owned());
    let samples = scrape(&app);
    assert!(samples.len() > 20);
    for sample in samples.iter().filter(|sample| !sample.name.starts_with("process_")) {
        let is_of = |name: &str| {
            let rest = sample.name.strip_prefix(name);
            rest.is_some_and(|rest| ["", "_bucket", "_sum", "_count"].contains(&rest))
        };
        let Some(metric) = METRICS.iter().find(|metric| is_of(metric.name)) else {
            panic!("the table lacks {sample:?}")
        };
        for (name, value) in sample.labels.iter().filter(|(name, _)| *name != "le") {
            let label = metric.labels.iter().find(|label| label.name == name);
            let is_known = match label.map(|label| label.values) {
                Some(Values::Of(values)) => values.contains(&value.as_str()),
                Some(Values::Known(_)) if name == "http_route" => routes.contains(value),
                Some(Values::Known(_)) => value == env!("CARGO_PKG_VERSION"),
                None => false,
            };
            assert!(is_known, "the table lacks the value of {name} in {sample:?}");
        }
    }
}
