//! What operators see of the server.

use std::collections::{BTreeMap, BTreeSet};

use bookshelf_metrics::{METRICS, UNMATCHED, Values};
use bookshelf_tests::app::{App, Client};
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
