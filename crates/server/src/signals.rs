//! The signals that ask the process to stop.

use std::io;
use std::thread;

use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use tokio::runtime::Builder;
use tokio::sync::watch::{self, Receiver, Sender};

use crate::failure::Failure;
use crate::telemetry;

/// A process that a signal ended has this number and that of the signal as its exit code in shells.
const SIGNALLED: i32 = 128;

/// Whether SIGTERM or SIGINT (Ctrl-C) has asked the process to stop, so that it can end in order. A
/// second signal ends it at once.
#[derive(Debug, Clone)]
pub(crate) struct StopSignal(Receiver<bool>);

impl StopSignal {
    /// Begins to wait for the signals. Before, the first one ends the process.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let (asked, is_asked) = watch::channel(false);
        Self::start(asked)
            .map_err(|error| Failure::because("cannot listen for signals", &error))?;
        Ok(Self(is_asked))
    }

    /// Waits on a thread of its own, because commands block while they read their file, and the server
    /// while it closes the database.
    fn start(asked: Sender<bool>) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let context = runtime.enter();
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        drop(context);
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(wait(terminate, interrupt, &asked)))?;
        Ok(())
    }

    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns after the first signal.
    pub(crate) async fn asked(&mut self) {
        // This fails only without the thread, which lives as long as the process.
        drop(self.0.wait_for(|asked| *asked).await);
    }
}

async fn wait(mut terminate: Signal, mut interrupt: Signal, asked: &Sender<bool>) {
    loop {
        let signal = tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
        };
        if asked.send_replace(true) {
            tracing::warn!("stopped at once by a second signal");
            telemetry::exit(SIGNALLED + signal.as_raw_value());
        }
    }
}
