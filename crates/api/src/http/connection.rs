//! Closes connections that keep the server waiting.
//!
//! The framework limits how long the head of a connection's first request may take, and how long a
//! connection may be idle. Without this module it would wait for ever for the rest of a later
//! request's head, and for a client that does not read its response.

use std::any::Any;
use std::cell::Cell;
use std::future::pending;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::{self, net, time};
use actix_web::web::Bytes;
use tokio::task;

use super::Switch;
use super::change_response::change_response;

/// Larger responses are sent in parts, and the client may read them slowly.
pub(super) const SENT_AT_ONCE: u64 = 64 * 1024;

/// After so many requests of a connection its thread serves the other connections. Without that, a
/// client that sends requests without waiting for the answers could keep a thread to itself, because
/// refusals need no waiting.
const IN_A_ROW: u32 = 8;

/// Returns a function that starts a watchdog; it must be called for every new connection. The
/// watchdog closes a connection on which no complete request follows a response within `limit`, or
/// whose client reads nothing of a long response for `stall`.
///
/// From `closing` on, every response says that the connection closes after it. So when the server
/// stops, no client sends a request on a connection that is about to be closed.
pub fn watch(
    limit: Duration,
    stall: Duration,
    closing: Switch,
) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync {
    move |stream, extensions| {
        let stream = stream.downcast_ref::<net::TcpStream>();
        let socket = stream.and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        let Some(socket) = socket.map(TcpStream::from) else { return };
        extensions.insert(Rc::new_cyclic(|connection| Connection {
            socket,
            requests: Cell::new(0),
            arrived: Cell::new(0),
            idle_since: Cell::new(Instant::now()),
            last_read: Cell::new(None),
            closing: closing.clone(),
            watchdog: rt::spawn(close_when_late(connection.clone(), limit, stall)),
        }));
    }
}

/// An open connection.
struct Connection {
    socket: TcpStream,
    /// How many requests are being answered.
    requests: Cell<usize>,
    /// How many requests have arrived.
    arrived: Cell<u32>,
    idle_since: Cell<Instant>,
    /// When the client last read a part of a long response; `None` while none is sent.
    last_read: Cell<Option<Instant>>,
    closing: Switch,
    watchdog: JoinHandle<()>,
}

impl Connection {
    /// Counts a request that has arrived.
    fn count(&self) -> u32 {
        self.arrived.set(self.arrived.get().wrapping_add(1));
        self.arrived.get()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.watchdog.abort();
    }
}

async fn close_when_late(connection: Weak<Connection>, limit: Duration, stall: Duration) {
    let mut wait = limit.min(stall);
    loop {
        time::sleep(wait).await;
        let Some(connection) = connection.upgrade() else { return };
        wait = match (connection.requests.get(), connection.last_read.get()) {
            (0, _) => limit.saturating_sub(connection.idle_since.get().elapsed()),
            (_, Some(since)) => stall.saturating_sub(since.elapsed()),
            (_, None) => stall,
        };
        // The state of the connection may change while the watchdog sleeps, so it never sleeps
        // longer than the shorter of the two limits.
        wait = wait.min(limit).min(stall);
        if wait.is_zero() {
            // This fails only if the connection is closed already.
            let _: std::io::Result<()> = connection.socket.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// How often it is checked whether the client of a request is gone.
const CHECK: Duration = Duration::from_millis(500);

/// The connection of a request, for a wait that lasts as long as the request.
pub(super) struct Peer(Option<Rc<Connection>>);

impl Peer {
    pub(super) fn of(request: &ServiceRequest) -> Self {
        Self(request.request().conn_data::<Rc<Connection>>().cloned())
    }

    /// Waits until the client has closed the connection. The framework itself goes on with the
    /// request, because a client may close only its sending side and still wait for the response.
    pub(super) async fn closed(self) {
        let Self(Some(connection)) = self else { return pending().await };
        loop {
            // Most requests are answered before the first check.
            time::sleep(CHECK).await;
            if has_ended(&connection.socket) {
                return;
            }
        }
    }
}

/// Whether nothing more can arrive on a socket, which must not block.
fn has_ended(socket: &TcpStream) -> bool {
    matches!(socket.peek(&mut [0]), Ok(0))
}

/// Marks the connection of a request as busy until the request is answered, so that the watchdog
/// does not close it, and closes the connection after the response if the server is about to stop.
pub(super) async fn mark_busy(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let busy = Busy::with(&request);
    if busy.as_ref().is_some_and(|busy| busy.0.count() % IN_A_ROW == 0) {
        task::yield_now().await;
    }
    change_response(next.call(request).await, |mut response| {
        let Some(busy) = busy else { return response };
        if busy.0.closing.is_on() {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        response.map_body(|_, body| busy.until_sent(body))
    })
}

/// A request that is being answered.
struct Busy(Rc<Connection>);

impl Busy {
    fn with(request: &ServiceRequest) -> Option<Self> {
        let connection = request.request().conn_data::<Rc<Connection>>()?.clone();
        connection.requests.set(connection.requests.get() + 1);
        Some(Self(connection))
    }

    /// Keeps the connection busy until the body is sent, if the body is long.
    fn until_sent(self, body: BoxBody) -> BoxBody {
        match body.size() {
            BodySize::None | BodySize::Sized(..=SENT_AT_ONCE) => body,
            _ => {
                self.0.last_read.set(Some(Instant::now()));
                BoxBody::new(Sending { body, rest: Bytes::new(), busy: self })
            }
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.idle_since.set(Instant::now());
        self.0.requests.set(self.0.requests.get() - 1);
    }
}

/// A long body that is being sent in parts. The framework copies each part, so it must not get the
/// whole body at once.
struct Sending {
    body: BoxBody,
    /// The rest of the piece of the body that is being sent.
    rest: Bytes,
    busy: Busy,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.busy.0.last_read.set(None);
    }
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        // The framework asks for more after the client has read what was sent before.
        self.busy.0.last_read.set(Some(Instant::now()));
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(cx)) {
                Some(Ok(piece)) => self.rest = piece,
                end => return Poll::Ready(end),
            }
        }
        let length = self.rest.len().min(SENT_AT_ONCE as usize);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_client_that_sends_nothing_is_still_there_until_it_closes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        server.set_nonblocking(true).unwrap();
        assert!(!has_ended(&server));
        client.write_all(b"more").unwrap();
        assert!(!has_ended(&server));
        drop(client);
        let mut read = server.try_clone().unwrap();
        let ended = (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            let _: std::io::Result<usize> = std::io::Read::read(&mut read, &mut [0; 8]);
            has_ended(&server)
        });
        assert!(ended);
    }
}
