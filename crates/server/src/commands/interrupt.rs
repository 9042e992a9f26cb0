use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use actix_web::rt::signal::unix::{SignalKind, signal};

use super::block_on;
use crate::failure::Failure;

/// The exit code of a process that SIGINT ended, as shells report it.
const INTERRUPTED: i32 = 130;

/// Whether somebody asked a command to stop, with SIGINT (Ctrl-C) or SIGTERM.
///
/// The command can then end in order. A second signal ends the process at once.
#[derive(Debug, Clone)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    pub(super) fn watch() -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        let setter = asked.clone();
        let (ready, listening) = mpsc::channel();
        // On a thread of its own, because commands block while they read their file.
        thread::spawn(move || {
            if let Err(failure) = block_on(wait(&setter, ready)) {
                tracing::error!(%failure, "the command cannot be interrupted in order");
            }
        });
        // Also ends if listening failed, because the thread then drops the sender.
        let _: Result<(), _> = listening.recv();
        Self(asked)
    }

    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

async fn wait(asked: &AtomicBool, ready: Sender<()>) -> Result<(), Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure::because("cannot listen for signals", &error));
    let (mut interrupt, mut terminate) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    // The command has not gone away, because it waits for this.
    let _: Result<(), _> = ready.send(());
    drop(ready);
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if asked.swap(true, Ordering::Relaxed) {
            process::exit(INTERRUPTED);
        }
    }
}
