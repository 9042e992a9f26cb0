//! How a server starts and stops, through the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod server;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::thread;
use std::time::Instant;

use rustix::io::FdFlags;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use tempfile::TempDir;

use server::{PATIENCE, Server, answer_of, status_of};

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

/// Sends a request that is answered with 200.
fn ask(connection: &mut TcpStream) {
    connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
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
fn requests_that_were_sent_just_before_the_signal_are_answered() {
    allow_many_connections();
    let mut server = Server::start("");
    let mut used: Vec<_> = (0..500).map(|_| server.connect()).collect();
    used.iter_mut().for_each(|connection| {
        ask(connection);
        answer_of(connection);
    });
    let new = (0..500).map(|_| server.connect());
    let mut connections: Vec<_> = used.into_iter().chain(new).collect();
    connections.iter_mut().for_each(ask);
    server.signal(Signal::TERM);
    let answers = connections.iter_mut().map(status_of);
    assert_eq!(answers.filter(|status| *status == 200).count(), 1_000);
    assert_eq!(server.exit_code(), Some(0));
}

#[test]
fn clients_that_go_on_asking_are_told_before_their_connection_closes() {
    let mut server = Server::start("");
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let mut connection = server.connect();
            thread::spawn(move || {
                loop {
                    ask(&mut connection);
                    if answer_of(&mut connection).contains("\r\nconnection: close\r\n") {
                        return;
                    }
                }
            })
        })
        .collect();
    server.signal(Signal::TERM);
    clients.into_iter().for_each(|client| client.join().unwrap());
    assert_eq!(server.exit_code(), Some(0));
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
fn operators_see_that_a_server_drains() {
    let mut server = Server::start("--drain-delay 3s --metrics-listen 127.0.0.1:0");
    let line = server.log.iter().find(|line| line["message"] == "serving metrics").unwrap();
    let address = line["address"].as_str().unwrap().to_owned();
    let report = || {
        let mut connection = TcpStream::connect(&address).unwrap();
        write!(connection, "GET /health/ready HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(report().contains("\"draining\":false"), "{}", report());
    server.signal(Signal::TERM);
    let deadline = Instant::now() + PATIENCE;
    while report().contains(" 200 OK") {
        assert!(Instant::now() < deadline, "the server stays ready");
    }
    assert!(report().contains("\"draining\":true"), "{}", report());
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
    assert_eq!(waiting.exit_code(), Some(143));
    assert!(waiting.has_logged("stopped at once by a second signal"));
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
    assert!(server.has_logged("requests were cut off"));
    drop(request);
}

/// The socket on which a service manager hears of its services.
struct Manager {
    socket: UnixDatagram,
    folder: TempDir,
}

impl Manager {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, folder }
    }

    /// The variable that names the socket.
    fn variable(&self) -> String {
        format!("NOTIFY_SOCKET={}", self.folder.path().join("notify").display())
    }

    fn hear(&self) -> String {
        let mut message = [0; 100];
        let length = self.socket.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    }
}

#[test]
fn the_service_manager_learns_when_the_server_is_ready_and_when_it_stops() {
    let manager = Manager::start();
    let mut server = Server::after(&manager.variable(), "");
    assert_eq!(manager.hear(), "READY=1\n");
    assert_eq!(server.status("/health/ready"), 200);
    server.signal(Signal::TERM);
    assert_eq!(manager.hear(), "STOPPING=1\n");
    assert_eq!(server.exit_code(), Some(0));
}

#[test]
fn the_service_manager_hears_of_the_server_while_it_works() {
    let manager = Manager::start();
    let mut server = Server::after(&format!("{} WATCHDOG_USEC=200000", manager.variable()), "");
    let mut heard = (0..4).map(|_| manager.hear()).collect::<Vec<_>>();
    heard.sort();
    assert_eq!(heard, ["READY=1\n", "WATCHDOG=1\n", "WATCHDOG=1\n", "WATCHDOG=1\n"]);
    server.signal(Signal::TERM);
    while manager.hear() != "STOPPING=1\n" {}
    assert_eq!(server.exit_code(), Some(0));
}

#[test]
fn the_sockets_of_the_service_manager_replace_the_address() {
    let sockets = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let addresses = sockets.each_ref().map(|socket| socket.local_addr().unwrap().to_string());
    let early = addresses.each_ref().map(|address| TcpStream::connect(address).unwrap());
    let [first, second] = sockets.each_ref().map(|socket| {
        rustix::io::fcntl_setfd(socket, FdFlags::empty()).unwrap();
        socket.as_raw_fd()
    });
    // A service manager passes its sockets from descriptor 3 on.
    let pass = format!("exec 8<&{first} 9<&{second} 3<&8 4<&9; LISTEN_FDS=2 LISTEN_PID=$$");
    let mut server = Server::after(&pass, "");
    assert_eq!(server.address, addresses[0]);
    for mut early in early {
        ask(&mut early);
        assert_eq!(status_of(&mut early), 200);
    }
    server.signal(Signal::TERM);
    assert_eq!(server.exit_code(), Some(0));
    // The next server accepts the clients that have connected since.
    for (socket, address) in sockets.iter().zip(addresses) {
        let _late = TcpStream::connect(address).unwrap();
        socket.accept().unwrap();
    }
}
