//! Behaviour that needs a real connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web;

use super::support::{Setup, book, panics};
use crate::{Switch, configure, watch, wrap};

/// A server on a free port, for as long as a test runs.
struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(setup: Setup) -> Self {
        Self::with(setup, Switch::default())
    }

    fn with(setup: Setup, closing: Switch) -> Self {
        let (app, context) = setup.into_data();
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let watch = watch(Duration::from_secs(2), Duration::from_secs(1), closing);
            let server = HttpServer::new(move || {
                wrap(actix_web::App::new())
                    .route("/api/v1/panic", web::get().to(panics))
                    .configure(|config| configure(config, app.clone(), context.clone()))
            });
            let server = server
                .workers(1)
                .on_connect(watch)
                .client_request_timeout(Duration::from_millis(500))
                .client_disconnect_timeout(Duration::from_secs(1))
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .unwrap();
            let address = server.addrs()[0];
            System::new().block_on(async {
                let server = server.run();
                sender.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = receiver.recv().unwrap();
        Self { address, handle, thread: Some(thread) }
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Connection { writer: stream.try_clone().unwrap(), reader: BufReader::new(stream) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        System::new().block_on(self.handle.stop(false));
        self.thread.take().unwrap().join().unwrap();
    }
}

struct Connection {
    writer: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn send(&mut self, request: &str) {
        self.writer.write_all(request.as_bytes()).unwrap();
    }

    /// The head of the next answer, in lower case.
    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.reader.read_line(&mut head).unwrap(), 0, "{head}");
        }
        head.to_lowercase()
    }

    fn answer(&mut self) -> (String, String) {
        let head = self.head();
        let mut body = vec![0; content_length(&head)];
        self.reader.read_exact(&mut body).unwrap();
        (head, String::from_utf8(body).unwrap())
    }
}

impl Connection {
    /// Everything that comes until the server closes the connection.
    fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A reset ends the connection as well.
        let _: std::io::Result<usize> = self.reader.read_to_end(&mut rest);
        String::from_utf8(rest).unwrap().to_lowercase()
    }
}

fn content_length(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.map_or(0, |length| length.parse().unwrap())
}

fn one_book() -> Setup {
    Setup::reader(|reader| {
        reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
    })
}

const GET: &str = "GET /api/v1/books/7 HTTP/1.1\r\nhost: x\r\n\r\n";

#[test]
fn head_has_the_length_of_the_body_that_it_leaves_out() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection.send(GET);
    let (_, body) = connection.answer();
    for uri in ["/api/v1/books/7", "/api/v1/books/x"] {
        connection.send(&format!("HEAD {uri} HTTP/1.1\r\nhost: x\r\n\r\n"));
        let head = connection.head();
        assert!(content_length(&head) > 0, "{head}");
        if uri.ends_with('7') {
            assert_eq!(content_length(&head), body.len());
        }
    }
    // No byte of a body precedes the next response.
    connection.send(GET);
    assert_eq!(connection.answer().1, body);
}

#[test]
fn a_panic_leaves_the_connection_alive() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection.send("GET /api/v1/panic HTTP/1.1\r\nhost: x\r\n\r\n");
    let (head, body) = connection.answer();
    assert!(head.starts_with("http/1.1 500") && head.contains("x-request-id: "), "{head}");
    assert!(body.contains("internal_error"), "{body}");
    connection.send(GET);
    assert!(connection.answer().0.starts_with("http/1.1 200"));
}

#[test]
fn every_response_closes_its_connection_when_the_server_is_about_to_stop() {
    let closing = Switch::default();
    let server = Server::with(one_book(), closing.clone());
    let mut early = server.connect();
    early.send(GET);
    assert!(!early.answer().0.contains("connection: close"));
    closing.turn_on();
    let mut connections = [early, server.connect(), server.connect()];
    let uris = ["/api/v1/books/7", "/api/v1/books/7", "/api/v1/panic"];
    for (connection, uri) in connections.iter_mut().zip(uris) {
        connection.send(&format!("GET {uri} HTTP/1.1\r\nhost: x\r\n\r\n"));
        assert!(connection.answer().0.contains("\r\nconnection: close\r\n"), "{uri}");
        assert_eq!(connection.rest(), "");
    }
}

#[test]
fn a_304_has_no_body() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection
        .send("GET /api/v1/books/7 HTTP/1.1\r\nhost: x\r\nif-none-match: \"v1-7-9-2\"\r\n\r\n");
    let head = connection.head();
    assert!(head.starts_with("http/1.1 304") && head.contains("etag: \"v1-7-9-2\""), "{head}");
    connection.send(GET);
    assert!(connection.answer().0.starts_with("http/1.1 200"));
}

#[test]
fn a_refusal_before_the_body_is_read_announces_that_the_connection_closes() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection.send(
        "POST /api/v1/books HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: 12\r\n\r\n{\"title\": 1}",
    );
    let (head, body) = connection.answer();
    assert!(head.starts_with("http/1.1 401") && head.contains("connection: close"), "{head}");
    assert!(body.contains("token_missing"), "{body}");
}

#[test]
fn a_body_that_is_too_large_is_refused_by_its_content_length() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection.send(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: 10000000\r\n\r\n",
    );
    let (head, body) = connection.answer();
    assert!(head.starts_with("http/1.1 413") && body.contains("payload_too_large"), "{head}");
}

const POST: &str = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\n\
    content-type: application/json\r\ncontent-length: 1000\r\n\r\n{";

#[test]
fn a_body_that_ends_early_is_refused_in_plain_words() {
    let server = Server::start(Setup::new());
    let chunked = POST.replace("content-length: 1000", "transfer-encoding: chunked");
    for request in [POST.to_owned(), chunked.replace("\r\n\r\n{", "\r\n\r\n5\r\n{")] {
        let mut connection = server.connect();
        connection.send(&request);
        connection.writer.shutdown(Shutdown::Write).unwrap();
        let (head, body) = connection.answer();
        assert!(head.starts_with("http/1.1 400"), "{head}");
        assert!(
            body.contains(
                "\"The body ended early, or its chunks are malformed; send the request again\""
            ),
            "{body}"
        );
    }
}

#[test]
fn a_body_that_arrives_too_slowly_is_cut_off() {
    let mut setup = Setup::new();
    setup.settings.body_timeout = Duration::from_millis(300);
    let server = Server::start(setup);
    let mut connection = server.connect();
    let started = Instant::now();
    connection.send(POST);
    let mut writer = connection.writer.try_clone().unwrap();
    let trickle = std::thread::spawn(move || {
        while writer.write_all(b" ").is_ok() && started.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let (head, body) = connection.answer();
    assert!(head.starts_with("http/1.1 400") && head.contains("connection: close"), "{head}");
    assert!(body.contains("bad_request") && body.contains("too long"), "{body}");
    assert_eq!(connection.rest(), "");
    trickle.join().unwrap();
    assert!(started.elapsed() < Duration::from_secs(10), "the connection stays open");
}

#[test]
fn a_request_that_takes_too_long_is_answered() {
    let mut setup = Setup::new();
    setup.settings.request_timeout = Duration::from_millis(300);
    let server = Server::start(setup);
    let mut connection = server.connect();
    connection.send(POST);
    let (head, body) = connection.answer();
    assert!(head.starts_with("http/1.1 503") && head.contains("retry-after: 1"), "{head}");
    assert!(head.contains("x-request-id: ") && body.contains("unavailable"), "{head}{body}");
    assert_eq!(connection.rest(), "");
}

#[test]
fn a_head_that_stays_incomplete_closes_the_connection() {
    let server = Server::start(Setup::new());
    for begun in ["", "GET /health HTTP/1.1\r\nhost:"] {
        let mut connection = server.connect();
        connection.send(begun);
        let started = Instant::now();
        let rest = connection.rest();
        assert!(started.elapsed() < Duration::from_secs(10), "the connection stays open");
        assert!(rest.is_empty() || rest.starts_with("http/1.1 408"), "{rest}");
        assert!(rest.is_empty() || content_length(&rest) == 0, "{rest}");
    }
}

#[test]
fn invalid_http_gets_an_empty_response() {
    let server = Server::start(Setup::new());
    let long = format!("GET /health HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(300_000));
    let many = format!("GET /health HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(500));
    let cases = [
        "nonsense\r\n\r\n",
        "GET /a b HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST /health HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        &long,
        &many,
    ];
    for request in cases {
        let mut connection = server.connect();
        // The server may close the connection before it has read the whole request.
        let _: std::io::Result<()> = connection.writer.write_all(request.as_bytes());
        let rest = connection.rest();
        let shown = &request[..request.len().min(60)];
        assert!(rest.is_empty() || rest.starts_with("http/1.1 4"), "{shown}: {rest}");
        assert!(rest.is_empty() || rest.ends_with("\r\n\r\n"), "{shown}: {rest}");
        assert!(!rest.contains("server:"), "{rest}");
    }
}

#[test]
fn a_body_that_nobody_reads_does_not_keep_the_connection_open() {
    let server = Server::start(Setup::new());
    let mut connection = server.connect();
    connection.send(&POST.replace("/auth/login", "/books"));
    assert!(connection.answer().0.starts_with("http/1.1 401"));
    let started = Instant::now();
    while connection.writer.write_all(b" ").is_ok() {
        assert!(started.elapsed() < Duration::from_secs(15), "the connection stays open");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_second_head_that_arrives_too_slowly_closes_the_connection() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection.send(GET);
    assert!(connection.answer().0.starts_with("http/1.1 200"));
    let started = Instant::now();
    while connection.writer.write_all(b"x").is_ok() {
        assert!(started.elapsed() < Duration::from_secs(15), "the connection stays open");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_connection_in_use_is_not_closed() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(4) {
        connection.send(GET);
        assert!(connection.answer().0.starts_with("http/1.1 200"));
        std::thread::sleep(Duration::from_millis(500));
    }
    // While the body arrives, the request counts as being answered.
    connection.send(&POST.replace(" 1000", " 2").replace('{', ""));
    std::thread::sleep(Duration::from_secs(4));
    connection.send("{}");
    assert!(connection.answer().0.starts_with("http/1.1 422"));
}
