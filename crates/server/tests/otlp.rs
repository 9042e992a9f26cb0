//! The spans that the server sends to a collector, through the real binary.

#![cfg(feature = "otlp")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod collector;
mod server;

use std::io::Write;
use std::net::TcpListener;
use std::process::Command;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use rustix::process::Signal;
use serde_json::Value;

use collector::{Collector, text};
use server::{Server, answer_of};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Spans are sent at once, or only when the server stops.
const AT_ONCE: &str = "OTEL_BSP_SCHEDULE_DELAY=1";
const AT_THE_END: &str = "OTEL_BSP_SCHEDULE_DELAY=3600000";

/// Returns the value of the header `traceresponse`.
fn get(server: &Server, path: &str, traceparent: &str) -> Option<String> {
    let mut connection = server.connect();
    write!(connection, "GET {path} HTTP/1.1\r\nhost: x\r\n{traceparent}\r\n").unwrap();
    let head = answer_of(&mut connection);
    head.lines().find_map(|line| line.strip_prefix("traceresponse: ")).map(str::to_owned)
}

fn traceparent(flags: &str) -> String {
    format!("traceparent: 00-{TRACE}-{PARENT}-{flags}\r\n")
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The header that an answer has if this is the span of its request.
fn traceresponse(span: &Span) -> Option<String> {
    Some(format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id)))
}

fn stop(server: &mut Server) {
    server.signal(Signal::TERM);
    assert_eq!(server.exit_code(), Some(0));
}

#[test]
fn a_span_belongs_to_the_trace_of_the_client_and_says_how_it_was_answered() {
    let collector = Collector::start();
    let more = "OTEL_EXPORTER_OTLP_HEADERS=x-token=secret OTEL_RESOURCE_ATTRIBUTES=zone=a,\
                service.name=other OTEL_SERVICE_NAME=library";
    let mut server = Server::after(&format!("{} {AT_ONCE} {more}", collector.variable()), "");
    let answered = get(&server, "/api/v1/books/7?secret=1", &traceparent("01"));
    let batch = collector.batch();
    assert!(batch.head.starts_with("post /v1/traces http/1.1\r\n"), "{}", batch.head);
    assert!(batch.head.contains("\r\nx-token: secret\r\n"), "{}", batch.head);
    assert_eq!(batch.resource("service.name").as_deref(), Some("library"));
    assert_eq!(batch.resource("service.version").as_deref(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(batch.resource("zone").as_deref(), Some("a"));

    let [span] = batch.spans().try_into().unwrap();
    assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.into(), PARENT.into()));
    assert_eq!(traceresponse(&span), answered);
    assert_eq!(span.name, "GET /api/v1/books/{id}");
    assert_eq!(span.kind, SpanKind::Server as i32);
    assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
    for (name, value) in [
        ("http.request.method", Some("GET")),
        ("http.route", Some("/api/v1/books/{id}")),
        ("url.path", Some("/api/v1/books/7")),
        ("http.response.status_code", Some("422")),
        ("error.type", None),
    ] {
        assert_eq!(text(&span.attributes, name).as_deref(), value, "{name}");
    }
    assert_eq!(span.status.unwrap_or_default().code, StatusCode::Unset as i32);
    stop(&mut server);
    let log = server.rest_of_log();
    let mut lines = log.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let request = lines.find(|line| line["message"] == "request").unwrap();
    assert_eq!(request["trace_id"], TRACE);
}

#[test]
fn every_batch_arrives_although_the_collector_closes_its_connections() {
    let collector = Collector::start();
    let server = Server::after(&format!("{} {AT_ONCE}", collector.variable()), "");
    for _ in 0..20 {
        let answered = get(&server, "/health", "");
        let [span] = collector.batch().spans().try_into().unwrap();
        assert_eq!(traceresponse(&span), answered, "a trace of its own");
        assert_eq!(span.parent_span_id, [0; 0]);
    }
}

#[test]
fn a_server_that_stops_sends_the_last_spans_but_not_those_that_the_client_does_not_record() {
    let collector = Collector::start();
    let prefix = format!("{} {AT_THE_END}", collector.variable());
    let mut server = Server::after(&prefix, "--drain-delay 1s");
    let recorded = get(&server, "/health", &traceparent("01"));
    let unrecorded = get(&server, "/health", &traceparent("00")).unwrap();
    assert!(unrecorded.starts_with(&format!("00-{TRACE}-")), "{unrecorded}");
    assert!(unrecorded.ends_with("-00"), "{unrecorded}");
    server.signal(Signal::TERM);
    while server.status("/health/ready") == 200 {}
    assert_eq!(server.exit_code(), Some(0));

    let spans = collector.spans();
    assert_eq!(traceresponse(&spans[0]), recorded);
    assert!(spans[1..].iter().all(|span| hex(&span.trace_id) != TRACE), "{spans:?}");
    let last = spans.last().unwrap();
    assert_eq!(last.name, "GET /health/ready");
    assert_eq!(text(&last.attributes, "error.type").as_deref(), Some("503"));
    assert_eq!(last.status.clone().unwrap().code, StatusCode::Error as i32);
}

#[test]
fn the_operator_can_record_only_what_clients_record() {
    let collector = Collector::start();
    let sampler = "OTEL_TRACES_SAMPLER=parentbased_always_off";
    let prefix = format!("{} {AT_THE_END} {sampler}", collector.variable());
    let mut server = Server::after(&prefix, "");
    assert!(get(&server, "/health", "").unwrap().ends_with("-00"));
    let recorded = get(&server, "/health", &traceparent("01"));
    stop(&mut server);
    let [span] = collector.spans().try_into().unwrap();
    assert_eq!(traceresponse(&span), recorded);
}

#[test]
fn a_collector_that_is_away_fails_no_request_and_is_one_line_of_the_log() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let prefix = format!("OTEL_EXPORTER_OTLP_ENDPOINT=http://{closed} {AT_ONCE}");
    let mut server = Server::after(&prefix, "--rate-limit-read off");
    // More than the queue holds.
    let mut connection = server.connect();
    for _ in 0..5_000 {
        write!(connection, "GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert!(answer_of(&mut connection).starts_with("http/1.1 200 "));
    }
    stop(&mut server);
    let log = server.rest_of_log();
    let faults: Vec<_> = log.iter().filter(|line| !line.contains("\"level\":\"INFO\"")).collect();
    let (outages, others): (Vec<_>, Vec<_>) =
        faults.into_iter().partition(|line| line.contains("an outage has begun"));
    assert_eq!(outages.len(), 1, "{outages:#?}");
    assert!(outages[0].contains("the collector of traces"), "{outages:#?}");
    // It is said once that spans are dropped, and at the end how many and that some were not sent.
    assert!(others.len() <= 4, "{others:#?}");
    assert!(!others.iter().any(|line| line.contains("opentelemetry-otlp")), "{others:#?}");
}

#[test]
fn a_collector_that_does_not_answer_does_not_keep_the_server_from_stopping() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v1/traces", silent.local_addr().unwrap());
    let patient = "OTEL_EXPORTER_OTLP_TIMEOUT=3600000";
    let prefix = format!("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={endpoint} {AT_ONCE} {patient}");
    let mut server = Server::after(&prefix, "");
    assert_eq!(server.status("/api/v1/books"), 200);
    stop(&mut server);
    assert!(server.has_logged("the last spans were not sent"));
}

#[test]
fn nothing_is_recorded_without_a_collector() {
    let mut server = Server::after("OTEL_SERVICE_NAME=library", "");
    assert_eq!(get(&server, "/health", ""), None);
    assert!(!server.log.iter().any(|line| line["message"] == "sending traces"));
    stop(&mut server);
}

#[test]
fn an_endpoint_that_is_none_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bookshelf"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env_clear()
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let written = String::from_utf8(output.stderr).unwrap();
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{written}");
}
