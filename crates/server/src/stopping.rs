//! Stops the server when a signal asks for it.

use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::{self, time};
use bookshelf_api::Switch;

use crate::failure::Failure;
use crate::listeners::Listeners;
use crate::settings::Settings;
use crate::signals::StopSignal;
use crate::systemd;

/// How long the server goes on after it lets no more clients connect. Meanwhile it accepts those that
/// have connected, and reads what has arrived. The framework would drop both when it stops.
const SETTLE: Duration = Duration::from_millis(500);

/// How the server stops.
pub(crate) struct Stopping {
    signal: StopSignal,
    /// Turned on by the signal. The server is not ready then.
    pub(crate) draining: Switch,
    /// Turned on after the drain. Every response closes its connection then.
    pub(crate) closing: Switch,
    delay: Duration,
    timeout: Duration,
}

impl Stopping {
    /// Begins to wait for a signal.
    pub(crate) fn watch(settings: &Settings) -> Result<Self, Failure> {
        Ok(Self {
            signal: StopSignal::watch()?,
            draining: Switch::default(),
            closing: Switch::default(),
            delay: settings.drain_delay,
            timeout: settings.shutdown_timeout,
        })
    }

    /// Runs the server until a signal has stopped it.
    pub(crate) async fn run(self, server: Server, listeners: Listeners) -> Result<(), Failure> {
        let handle = server.handle();
        tokio::select! {
            outcome = server => {
                outcome.map_err(|error| Failure::because("the server failed", &error))
            }
            () = self.stop(handle, listeners) => {
                tracing::warn!("requests were cut off: shutdown_timeout was over");
                Ok(())
            }
        }
    }

    /// Stops the server after a signal. Returns only if it takes too long.
    ///
    /// For the delay the server is not ready, but answers as before, so that a load balancer sees it and
    /// sends its requests elsewhere.
    async fn stop(mut self, server: ServerHandle, listeners: Listeners) {
        self.signal.asked().await;
        tracing::info!(delay = ?self.delay, timeout = ?self.timeout, "stopping");
        systemd::notify_stopping();
        self.draining.turn_on();
        time::sleep(self.delay).await;
        self.closing.turn_on();
        listeners.accept_no_more(&server).await;
        let settle = SETTLE.min(self.timeout);
        time::sleep(settle).await;
        rt::spawn(server.stop(true));
        time::sleep(self.timeout - settle).await;
    }
}
