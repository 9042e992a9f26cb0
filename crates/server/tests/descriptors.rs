//! A server whose file descriptors are limited, through the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod server;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use server::{PATIENCE, Server};

/// Starts a server with one worker after this command, which limits it.
fn limited(limit: &str) -> Server {
    Server::after(&format!("{limit} &&"), "--workers 1 --max-connections 400")
}

fn warnings(server: &Server) -> Vec<&Value> {
    server.log.iter().filter(|line| line["level"] == "WARN").collect()
}

/// Sends a request on a new connection.
fn ask(server: &Server) -> TcpStream {
    let mut connection = server.connect();
    connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    connection
}

/// Whether a response begins within this time.
fn is_answered(mut connection: &TcpStream, within: Duration) -> bool {
    connection.set_read_timeout(Some(within)).unwrap();
    let mut beginning = [0; 15];
    connection.read_exact(&mut beginning).is_ok_and(|()| beginning == *b"HTTP/1.1 200 OK")
}

#[test]
fn a_server_raises_its_soft_limit() {
    let server = limited("ulimit -Sn 64 && ulimit -Hn 1000");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers, [1000, 1000], "{line}");
    assert_eq!(warnings(&server), Vec::<&Value>::new());
    let connections: Vec<_> = (0..30).map(|_| ask(&server)).collect();
    assert!(connections.iter().all(|connection| is_answered(connection, PATIENCE)));
}

#[test]
fn a_server_whose_hard_limit_is_too_low_serves_fewer_connections() {
    let server = limited("ulimit -n 64");
    let [warning] = warnings(&server)[..] else { panic!("{:?}", server.log) };
    assert!(warning["message"].as_str().unwrap().contains("(ulimit -n) is too low"), "{warning}");
    let counts = ["wanted", "fitting", "limit"].map(|name| warning[name].as_u64().unwrap());
    assert_eq!(counts, [400, 1, 64]);
    let first = ask(&server);
    assert!(is_answered(&first, PATIENCE));
    let second = ask(&server);
    assert!(!is_answered(&second, Duration::from_millis(300)), "it has to wait");
    drop(first);
    assert!(is_answered(&second, PATIENCE));
}
