//! How long a connection may keep the server waiting.
//!
//! The framework bounds how long the head of a connection's first request may take, and how long a
//! connection may be silent; but once the head of a later request has begun it would wait for ever,
//! and so it would for a client that does not take the rest of its answer.

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

use super::edit::edit;

/// Whatever is larger is sent bit by bit, and may be awaited for long.
const SENT_AT_ONCE: u64 = 64 * 1024;

/// Cuts connections that take longer than `limit` from one answer to the next whole request, or that
/// take nothing of a long answer for as long as `stall`; to be called for every connection.
pub fn watch(limit: Duration, stall: Duration) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync {
    move |stream, extensions| {
        let stream = stream.downcast_ref::<net::TcpStream>();
        let socket = stream.and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        let Some(socket) = socket.map(TcpStream::from) else { return };
        extensions.insert(Rc::new_cyclic(|connection| Connection {
            socket,
            requests: Cell::new(0),
            rests_since: Cell::new(Instant::now()),
            sending_since: Cell::new(None),
            watchdog: rt::spawn(cut_when_late(connection.clone(), limit, stall)),
        }));
    }
}

struct Connection {
    socket: TcpStream,
    /// How many requests are being answered.
    requests: Cell<usize>,
    rests_since: Cell<Instant>,
    /// When the client last took something of a long answer, while one is sent.
    sending_since: Cell<Option<Instant>>,
    watchdog: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.watchdog.abort();
    }
}

async fn cut_when_late(connection: Weak<Connection>, limit: Duration, stall: Duration) {
    let mut patience = limit.min(stall);
    loop {
        time::sleep(patience).await;
        let Some(connection) = connection.upgrade() else { return };
        patience = match (connection.requests.get(), connection.sending_since.get()) {
            (0, _) => limit.saturating_sub(connection.rests_since.get().elapsed()),
            (_, Some(since)) => stall.saturating_sub(since.elapsed()),
            (_, None) => stall,
        };
        // What it does may be another thing by then.
        patience = patience.min(limit).min(stall);
        if patience.is_zero() {
            // Only a connection that is closed already cannot be shut down.
            let _: std::io::Result<()> = connection.socket.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// Keeps the connection of every request from being cut until the request is answered.
pub(super) async fn mark_busy(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let busy = Busy::with(&request);
    edit(next.call(request).await, |response| match busy {
        Some(busy) => response.map_body(|_, body| busy.until_sent(body)),
        None => response,
    })
}

struct Busy(Rc<Connection>);

impl Busy {
    fn with(request: &ServiceRequest) -> Option<Self> {
        let connection = request.request().conn_data::<Rc<Connection>>()?.clone();
        connection.requests.set(connection.requests.get() + 1);
        Some(Self(connection))
    }

    /// Lasts until the body is sent, where that may take its time.
    fn until_sent(self, body: BoxBody) -> BoxBody {
        match body.size() {
            BodySize::None | BodySize::Sized(..=SENT_AT_ONCE) => body,
            _ => {
                self.0.sending_since.set(Some(Instant::now()));
                BoxBody::new(Sending { body, busy: self })
            }
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.rests_since.set(Instant::now());
        self.0.requests.set(self.0.requests.get() - 1);
    }
}

struct Sending {
    body: BoxBody,
    busy: Busy,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.busy.0.sending_since.set(None);
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
        // More is asked for when the client has taken what there was.
        self.busy.0.sending_since.set(Some(Instant::now()));
        Pin::new(&mut self.body).poll_next(cx)
    }
}
