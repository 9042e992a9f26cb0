//! Stops the server when a signal asks for it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::signal::unix::{self, Signal, SignalKind};
use actix_web::rt::{self, time};

use crate::failure::Failure;
use crate::systemd;

/// The signals that stop the server: SIGTERM of a service manager, and SIGINT of a terminal.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen = || -> io::Result<Self> {
            let terminate = unix::signal(SignalKind::terminate())?;
            Ok(Self { terminate, interrupt: unix::signal(SignalKind::interrupt())? })
        };
        listen().map_err(|error| Failure::because("cannot listen for signals", &error))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Whether the server has been told to stop. It is no longer ready then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a server until it has answered every request that arrived before the first signal. A second
/// signal ends it at once, which is a failure.
///
/// After the first signal the server is not ready, but answers for `drain_delay` as before, so that a
/// load balancer sees it and sends its requests elsewhere.
pub(crate) async fn run(
    server: Server,
    mut signals: Signals,
    draining: Draining,
    drain_delay: Duration,
) -> Result<(), Failure> {
    let handle = server.handle();
    tokio::select! {
        outcome = server => {
            outcome.map_err(|error| Failure::because("the server failed", &error))
        }
        () = stop_on_signal(handle, &mut signals, &draining, drain_delay) => {
            tracing::warn!("stopped by a second signal before every request was answered");
            Err(Failure::Interrupted)
        }
    }
}

/// Returns at the second signal. The server itself would ignore it while it waits for requests.
async fn stop_on_signal(
    server: ServerHandle,
    signals: &mut Signals,
    draining: &Draining,
    drain_delay: Duration,
) {
    signals.next().await;
    tracing::info!(?drain_delay, "stopping");
    draining.begin();
    systemd::notify_stopping();
    rt::spawn(async move {
        time::sleep(drain_delay).await;
        server.stop(true).await;
    });
    signals.next().await;
}
