//! A server of its own for a test, through the real binary.

#![expect(dead_code, reason = "every test program uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Far more than anything takes here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server that is killed when the test ends.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
    /// The lines of its log until it listens.
    pub(crate) log: Vec<Value>,
    rest: Option<JoinHandle<Vec<String>>>,
    folder: TempDir,
}

impl Server {
    pub(crate) fn start(flags: &str) -> Self {
        Self::after("", flags)
    }

    /// Starts a server in a shell that becomes the server. `prefix` stands before its command: limits,
    /// or variables of its environment.
    pub(crate) fn after(prefix: &str, flags: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("/bin/sh")
            .args(["-c", &format!("{prefix} exec \"$0\" serve \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_bookshelf"))
            .args(["--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(flags.split_whitespace())
            .env_clear()
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut log = Vec::new();
        let address = lines.find_map(|line| {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let address = (line["message"] == "listening").then(|| line["address"].as_str());
            let address = address.flatten().map(str::to_owned);
            log.push(line);
            address
        });
        // The server must not wait for somebody who reads its log.
        let rest = thread::spawn(move || lines.map_while(Result::ok).collect());
        Self { process, address: address.unwrap(), log, rest: Some(rest), folder }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let connection = TcpStream::connect(&self.address).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        connection
    }

    /// The status of a `GET`.
    pub(crate) fn status(&self, path: &str) -> u16 {
        let mut connection = self.connect();
        write!(connection, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        status_of(&mut connection)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// Waits until the server accepts no more connections.
    pub(crate) fn wait_until_closed(&self) {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(&self.address).is_ok() {
            assert!(Instant::now() < deadline, "the server accepts connections");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        while self.is_running() {
            assert!(Instant::now() < deadline, "the server does not stop");
            thread::sleep(Duration::from_millis(10));
        }
        self.process.wait().unwrap().code()
    }

    /// Whether the log has a line with this message after the server listened. The server must have
    /// ended.
    pub(crate) fn has_logged(&mut self, message: &str) -> bool {
        self.rest_of_log().iter().any(|line| line.contains(message))
    }

    /// The lines of the log after the server listened. The server must have ended.
    pub(crate) fn rest_of_log(&mut self) -> Vec<String> {
        self.rest.take().unwrap().join().unwrap()
    }

    /// Whether the data directory has this file.
    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.folder.path().join("data").join(name).exists()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _: Result<(), _> = self.process.kill();
        let _: Result<_, _> = self.process.wait();
    }
}

/// Reads the status of a response.
pub(crate) fn status_of(connection: &mut TcpStream) -> u16 {
    let mut start = [0; 12];
    connection.read_exact(&mut start).unwrap();
    std::str::from_utf8(&start).unwrap().strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
}

/// Reads a whole response with a `Content-Length`, and returns its head in lower case.
pub(crate) fn answer_of(connection: &mut TcpStream) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.push(byte[0].to_ascii_lowercase().into());
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    connection.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
    head
}
