//! The log. A separate thread writes it to standard error. No line is dropped: when the queue is
//! full, logging waits.

use std::io::{self, IsTerminal};
use std::panic::PanicHookInfo;
use std::process;
use std::sync::{Mutex, PoisonError};
use std::thread;

use tracing::Level;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Targets;

use crate::settings::{LogFormat, Settings};

/// The lines that may wait to be written. The queue takes its memory at the start: the default of the
/// library, 128,000 lines, would take 4 MiB.
const BUFFERED_LINES: usize = 4096;

/// The thread that writes the log. Dropping it writes the lines that are still queued.
static WRITER: Mutex<Option<WorkerGuard>> = Mutex::new(None);

/// The log of a process. Dropping it writes the lines that are still queued.
pub(crate) struct Log(());

impl Drop for Log {
    fn drop(&mut self) {
        finish();
    }
}

fn finish() {
    drop(WRITER.lock().unwrap_or_else(PoisonError::into_inner).take());
}

/// Ends the process at once. Only the lines of the log that are still queued are written before.
pub(crate) fn exit(code: i32) -> ! {
    finish();
    process::exit(code)
}

/// Starts logging, of panics too.
pub(crate) fn start(settings: &Settings) -> Log {
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(BUFFERED_LINES)
        .lossy(false)
        .thread_name("log")
        .finish(io::BufWriter::new(io::stderr()));
    let on_terminal = io::stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(&settings.log))
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
    std::panic::set_hook(Box::new(log_panic));
    *WRITER.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard);
    Log(())
}

/// What is logged only where debug lines are.
///
/// actix-http logs as errors that a request is malformed or a client is gone, without the client's
/// address. These are not faults of the server. The errors of responses, which it logs there too, are
/// logged by this program as well. The exporter of traces warns of every batch that is lost, and this
/// program of the outage of the collector.
const FOR_DEBUGGING: [&str; 2] = ["actix_http::h1::dispatcher", "opentelemetry-otlp"];

/// What is logged.
fn filter(log: &str) -> EnvFilter {
    let targets: Targets = log.parse().unwrap_or_default();
    let silenced = FOR_DEBUGGING.iter().filter(|name| !targets.would_enable(name, &Level::DEBUG));
    silenced
        .filter_map(|name| format!("{name}=off").parse().ok())
        .fold(EnvFilter::new(log), |filter, nothing| filter.add_directive(nothing))
}

/// Logs a panic in the format of the log, with its message and its place. By default Rust would write
/// lines of another format to standard error, which a collector of JSON lines cannot read.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let text = panic.payload().downcast_ref::<&str>().copied();
    let message = text.or_else(|| panic.payload().downcast_ref::<String>().map(String::as_str));
    let thread = thread::current();
    tracing::error!(
        panic = message.unwrap_or_default(),
        place = panic.location().map(ToString::to_string),
        thread = thread.name(),
        "a thread panicked"
    );
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn faults_of_clients_are_logged_where_debug_lines_are() {
        let logged = |setting: &str| {
            let written = Written::default();
            let writer = written.clone();
            let log = tracing_subscriber::fmt().with_env_filter(filter(setting));
            let log = log.with_writer(move || writer.clone()).finish();
            tracing::subscriber::with_default(log, || {
                tracing::error!(target: "actix_http::h1::dispatcher", "malformed");
                tracing::error!("own");
            });
            let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
            (written.contains("malformed"), written.contains("own"))
        };
        for setting in ["info", "bookshelf=debug,warn", "error"] {
            assert_eq!(logged(setting), (false, true), "{setting}");
        }
        for setting in ["debug", "trace", "actix_http=debug,info"] {
            assert_eq!(logged(setting), (true, true), "{setting}");
        }
        assert_eq!(logged("off"), (false, false));
    }

    #[test]
    fn a_panic_is_one_line_of_the_log_with_message_and_place() {
        let written = Written::default();
        let writer = written.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let log = log.json().flatten_event(true).finish();
        std::panic::set_hook(Box::new(log_panic));
        tracing::subscriber::with_default(log, || {
            std::panic::catch_unwind(|| panic!("two\nlines")).unwrap_err();
        });
        drop(std::panic::take_hook());
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(written.lines().count(), 1, "{written}");
        let line: Value = serde_json::from_str(&written).unwrap();
        assert_eq!((&line["level"], &line["panic"]), (&"ERROR".into(), &"two\nlines".into()));
        assert!(line["place"].as_str().unwrap().contains("telemetry.rs:"), "{line}");
    }
}
