use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// A proxy in front of a server. A test can cut, freeze, slow down and mend it, which looks to clients
/// as if the server died, hung, were overloaded, and recovered.
pub struct Link {
    url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    state: Mutex<State>,
    changed: Condvar,
    streams: Mutex<Vec<TcpStream>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    /// Whatever arrives is passed on after this time.
    Slow(Duration),
    /// Connections are accepted, but no bytes pass.
    Frozen,
    /// Connections are closed as soon as they are accepted.
    Cut,
    /// The link is dropped.
    Gone,
}

impl Link {
    /// Starts a proxy in front of the server of this URL.
    pub fn to(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, place) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let port = if scheme == "redis" { 6379 } else { 5432 };
        let has_port = place.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let server = if has_port { place.to_owned() } else { format!("{place}:{port}") };

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            server,
            state: Mutex::new(State::Whole),
            changed: Condvar::new(),
            streams: Mutex::default(),
        });
        let accepting = shared.clone();
        thread::spawn(move || accept(&listener, &accepting));
        Self { url: format!("{scheme}://{user}{address}{path}"), address, shared }
    }

    /// The URL of the server by way of this proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Closes every connection, as if the server had died.
    pub fn cut(&self) {
        self.set(State::Cut);
    }

    /// Stops all bytes, as if the server hung.
    pub fn freeze(&self) {
        self.set(State::Frozen);
    }

    /// Delays every packet of either direction.
    pub fn slow_down(&self, delay: Duration) {
        self.set(State::Slow(delay));
    }

    pub fn mend(&self) {
        self.set(State::Whole);
    }

    fn set(&self, state: State) {
        *self.shared.state.lock().unwrap() = state;
        self.shared.changed.notify_all();
        if matches!(state, State::Cut | State::Gone) {
            for stream in self.shared.streams.lock().unwrap().drain(..) {
                close(&stream);
            }
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.set(State::Gone);
        // Wakes up `accept`, which then ends.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    /// Waits while the link is frozen, and returns the state that follows.
    fn state(&self) -> State {
        let state = self.state.lock().unwrap();
        *self.changed.wait_while(state, |state| *state == State::Frozen).unwrap()
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        let (client, shared) = (client.unwrap(), shared.clone());
        match *shared.state.lock().unwrap() {
            State::Gone => return,
            State::Cut => continue,
            State::Whole | State::Slow(_) | State::Frozen => {}
        }
        thread::spawn(move || connect(&client, &shared));
    }
}

fn connect(client: &TcpStream, shared: &Arc<Shared>) {
    let Ok(server) = TcpStream::connect(&shared.server) else { return };
    let copy = |stream: &TcpStream| stream.try_clone().unwrap();
    {
        // The lock of the state is held, so that a cut misses no connection.
        let state = shared.state.lock().unwrap();
        if matches!(*state, State::Cut | State::Gone) {
            return;
        }
        shared.streams.lock().unwrap().extend([copy(client), copy(&server)]);
    }
    for stream in [client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    for (from, to) in [(copy(client), copy(&server)), (server, copy(client))] {
        let shared = shared.clone();
        thread::spawn(move || carry(from, to, &shared));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        match shared.state() {
            State::Slow(delay) => thread::sleep(delay),
            State::Cut | State::Gone => break,
            State::Whole | State::Frozen => {}
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    close(&from);
    close(&to);
}

/// Closes the stream for all its clones.
fn close(stream: &TcpStream) {
    // The stream may be closed already.
    let _: std::io::Result<()> = stream.shutdown(Shutdown::Both);
}
