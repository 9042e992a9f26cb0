//! Closes connections that keep the server waiting.
//!
//! The framework limits how long the head of a connection's first request may take, and how long a
//! connection may be idle. Without this module it would wait for ever for the rest of a later
//! request's head, and for a client that does not read its response.

use std::any::Any;
use std::cell::Cell;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::{self, net, time};
use actix_web::web::Bytes;

use super::change_response::change_response;

/// Larger responses are sent in parts, and the client may read them slowly.
const SENT_AT_ONCE: u64 = 64 * 1024;

/// Returns a function that starts a watchdog; it must be called for every new connection. The
/// watchdog closes a connection on which no complete request follows a response within `limit`, or
/// whose client reads nothing of a long response for `stall`.
pub fn watch(limit: Duration, stall: Duration) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync {
    move |stream, extensions| {
        let stream = stream.downcast_ref::<net::TcpStream>();
        let socket = stream.and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        let Some(socket) = socket.map(TcpStream::from) else { return };
        extensions.insert(Rc::new_cyclic(|connection| Connection {
            socket,
            requests: Cell::new(0),
            idle_since: Cell::new(Instant::now()),
            last_read: Cell::new(None),
            watchdog: rt::spawn(close_when_late(connection.clone(), limit, stall)),
        }));
    }
}

/// An open connection.
struct Connection {
    socket: TcpStream,
    /// How many requests are being answered.
    requests: Cell<usize>,
    idle_since: Cell<Instant>,
    /// When the client last read a part of a long response; `None` while none is sent.
    last_read: Cell<Option<Instant>>,
    watchdog: JoinHandle<()>,
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

/// Marks the connection of a request as busy until the request is answered, so that the watchdog
/// does not close it.
pub(super) async fn mark_busy(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let busy = Busy::with(&request);
    change_response(next.call(request).await, |response| match busy {
        Some(busy) => response.map_body(|_, body| busy.until_sent(body)),
        None => response,
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
                BoxBody::new(Sending { body, busy: self })
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

/// A long body that is being sent.
struct Sending {
    body: BoxBody,
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
        Pin::new(&mut self.body).poll_next(cx)
    }
}
