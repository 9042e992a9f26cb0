//! What only shows on a real connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::web::{self, Data};

use super::support::{Setup, book, panics};
use crate::{configure, entry};

/// A server on a free port, for as long as a test runs.
struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(setup: Setup) -> Self {
        let app = Data::new(setup.into_app());
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let server = HttpServer::new(move || {
                actix_web::App::new()
                    .wrap(from_fn(entry))
                    .route("/api/v1/panic", web::get().to(panics))
                    .configure(|config| configure(config, app.clone()))
            });
            let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
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

fn content_length(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.map_or(0, |length| length.parse().unwrap())
}

fn one_book() -> Setup {
    Setup::books(|books| {
        books.expect_find().returning(|id| Ok(Some(book(id))));
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
    // Nothing of a body stands before the next answer.
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
fn no_answer_to_a_match_has_a_body() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection.send("GET /api/v1/books/7 HTTP/1.1\r\nhost: x\r\nif-none-match: \"7-9-2\"\r\n\r\n");
    let head = connection.head();
    assert!(head.starts_with("http/1.1 304") && head.contains("etag: \"7-9-2\""), "{head}");
    connection.send(GET);
    assert!(connection.answer().0.starts_with("http/1.1 200"));
}

#[test]
fn who_is_refused_before_the_body_is_read_is_told_that_the_connection_closes() {
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
fn a_body_that_is_too_large_is_refused_by_its_announcement() {
    let server = Server::start(one_book());
    let mut connection = server.connect();
    connection.send(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: 10000000\r\n\r\n",
    );
    let (head, body) = connection.answer();
    assert!(head.starts_with("http/1.1 413") && body.contains("payload_too_large"), "{head}");
}
