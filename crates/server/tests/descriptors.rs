//! A server whose file descriptors are limited, through the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// A server that is killed when the test ends.
struct Server {
    process: Child,
    address: String,
    /// The lines of its log until it listens.
    log: Vec<Value>,
    _folder: TempDir,
}

impl Server {
    /// Starts a server with one worker in a shell after this command, which limits it.
    fn after(limit: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags = "--listen 127.0.0.1:0 --workers 1 --max-connections 400 --log-format json";
        let mut process = Command::new("/bin/sh")
            .args(["-c", &format!("{limit} && exec \"$0\" serve {flags}")])
            .arg(env!("CARGO_BIN_EXE_bookshelf"))
            .env_clear()
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = Vec::new();
        let mut address = None;
        for line in BufReader::new(process.stderr.take().unwrap()).lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            address = line["address"].as_str().map(str::to_owned);
            log.push(line);
            if address.is_some() {
                break;
            }
        }
        Self { process, address: address.unwrap(), log, _folder: folder }
    }

    fn warnings(&self) -> Vec<&Value> {
        self.log.iter().filter(|line| line["level"] == "WARN").collect()
    }

    /// Sends a request on a new connection.
    fn ask(&self) -> TcpStream {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        connection
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _: Result<(), _> = self.process.kill();
        let _: Result<_, _> = self.process.wait();
    }
}

/// Whether a response begins within this time.
fn is_answered(mut connection: &TcpStream, within: Duration) -> bool {
    connection.set_read_timeout(Some(within)).unwrap();
    let mut beginning = [0; 15];
    connection.read_exact(&mut beginning).is_ok_and(|()| beginning == *b"HTTP/1.1 200 OK")
}

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_server_raises_its_soft_limit() {
    let server = Server::after("ulimit -Sn 64 && ulimit -Hn 1000");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.process.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers, [1000, 1000], "{line}");
    assert_eq!(server.warnings(), Vec::<&Value>::new());
    let connections: Vec<_> = (0..30).map(|_| server.ask()).collect();
    assert!(connections.iter().all(|connection| is_answered(connection, PATIENCE)));
}

#[test]
fn a_server_whose_hard_limit_is_too_low_serves_fewer_connections() {
    let server = Server::after("ulimit -n 64");
    let [warning] = server.warnings()[..] else { panic!("{:?}", server.log) };
    assert!(warning["message"].as_str().unwrap().contains("(ulimit -n) is too low"), "{warning}");
    let counts = ["wanted", "fitting", "limit"].map(|name| warning[name].as_u64().unwrap());
    assert_eq!(counts, [400, 1, 64]);
    let first = server.ask();
    assert!(is_answered(&first, PATIENCE));
    let second = server.ask();
    assert!(!is_answered(&second, Duration::from_millis(300)), "it has to wait");
    drop(first);
    assert!(is_answered(&second, PATIENCE));
}
