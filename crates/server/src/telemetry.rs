//! The log. A separate thread writes it to standard error. No line is dropped: when the queue is
//! full, logging waits.

use std::io::{self, IsTerminal};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, Settings};

/// Starts logging. Dropping the guard writes the lines that are still queued.
pub(crate) fn start(settings: &Settings) -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .thread_name("log")
        .finish(io::BufWriter::new(io::stderr()));
    let on_terminal = io::stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.log))
        .with_writer(writer)
        .with_ansi(on_terminal);
    let pretty = match settings.log_format {
        LogFormat::Auto => on_terminal,
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    if pretty {
        log.init();
    } else {
        log.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    }
    guard
}
