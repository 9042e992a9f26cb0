//! How a server starts and stops, through the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod server;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::time::Instant;

use rustix::io::FdFlags;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use server::{PATIENCE, Server, status_of};

/// A request whose head has arrived, and whose body the server waits for.
struct InFlight(TcpStream);

impl InFlight {
    const BODY: &str = r#"{"refresh_token": "none"}"#;

    fn send(server: &Server) -> Self {
        let mut connection = server.connect();
        write!(
            connection,
            "POST /api/v1/auth/refresh HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            Self::BODY.len()
        )
        .unwrap();
        Self(connection)
    }

    fn arrived(mut self) -> Self {
        let mut answer = [0; 25];
        self.0.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        self
    }

    fn finish(mut self) -> u16 {
        self.0.write_all(Self::BODY.as_bytes()).unwrap();
        status_of(&mut self.0)
    }
}

/// Every connection of a test needs a file descriptor.
fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

#[test]
fn every_request_that_arrived_before_the_signal_is_answered() {
    allow_many_connections();
    let mut server = Server::start("--rate-limit-write off");
    let idle = server.connect();
    let requests: Vec<_> = (0..1_000).map(|_| InFlight::send(&server)).collect();
    let requests: Vec<_> = requests.into_iter().map(InFlight::arrived).collect();
    server.signal(Signal::TERM);
    server.wait_until_closed();
    let answered = requests.into_iter().map(InFlight::finish);
    assert_eq!(answered.filter(|status| *status == 401).count(), 1_000);
    assert_eq!(server.exit_code(), Some(0));
    drop(idle);
    assert!(server.has_file("bookshelf.db"));
    assert!(!server.has_file("bookshelf.db-wal"), "the write-ahead log is folded into the file");
}

#[test]
fn a_server_that_drains_is_not_ready_and_still_answers() {
    let mut server = Server::start("--drain-delay 3s");
    assert_eq!(server.status("/health/ready"), 200);
    server.signal(Signal::INT);
    let deadline = Instant::now() + PATIENCE;
    while server.status("/health/ready") == 200 {
        assert!(Instant::now() < deadline, "the server stays ready");
    }
    assert_eq!(server.status("/api/v1/books"), 200, "it serves until the delay is over");
    assert_eq!(server.exit_code(), Some(0));
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let mut waiting = Server::start("--shutdown-timeout 1h");
    let request = InFlight::send(&waiting).arrived();
    waiting.signal(Signal::TERM);
    waiting.wait_until_closed();
    assert!(waiting.is_running(), "it waits for the request");
    waiting.signal(Signal::TERM);
    assert_eq!(waiting.exit_code(), Some(130));
    drop(request);

    let mut draining = Server::start("--drain-delay 1h");
    draining.signal(Signal::TERM);
    while draining.status("/health/ready") == 200 {}
    draining.signal(Signal::INT);
    assert_eq!(draining.exit_code(), Some(130));
}

#[test]
fn running_requests_have_a_bounded_time_to_finish() {
    let mut server = Server::start("--shutdown-timeout 1s");
    let request = InFlight::send(&server).arrived();
    server.signal(Signal::TERM);
    assert_eq!(server.exit_code(), Some(0));
    drop(request);
}

#[test]
fn the_service_manager_learns_when_the_server_is_ready_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut server = Server::after(&format!("NOTIFY_SOCKET={}", path.display()), "");
    let next = || {
        let mut message = [0; 100];
        let length = manager.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    };
    assert_eq!(next(), "READY=1\n");
    assert_eq!(server.status("/health/ready"), 200);
    server.signal(Signal::TERM);
    assert_eq!(next(), "STOPPING=1\n");
    assert_eq!(server.exit_code(), Some(0));
}

#[test]
fn a_socket_of_the_service_manager_replaces_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let early = TcpStream::connect(&address).unwrap();
    rustix::io::fcntl_setfd(&listener, FdFlags::empty()).unwrap();
    // A service manager passes its sockets from descriptor 3 on.
    let pass = format!("exec 3<&{}; LISTEN_FDS=1 LISTEN_PID=$$", listener.as_raw_fd());
    let mut server = Server::after(&pass, "");
    assert_eq!(server.address, address);
    assert_eq!(server.status("/health"), 200);
    drop(early);
    server.signal(Signal::TERM);
    assert_eq!(server.exit_code(), Some(0));
}
