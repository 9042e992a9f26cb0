//! Bodies that are files. They are processed while they arrive, in constant memory.
//!
//! The chunks of a body go through a bounded channel to a separate thread, which reads them through
//! [`Read`]. When the thread falls behind, the channel fills, the server reads nothing more from
//! the connection, and the client has to wait.

use std::io::{self, ErrorKind, Read};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use futures_util::StreamExt;
use tokio::sync::{mpsc, oneshot};

use super::{ApiError, Body, MediaType, Reason};

/// How many chunks may wait for the thread. The framework makes none larger than 128 KiB.
const CHUNKS: usize = 4;

/// How many bytes must arrive within the time limit of bodies. Only the time that the server waits
/// for the client counts. With the default limit this is about 70 kbit/s, which the slowest mobile
/// networks reach. A client that is slower would occupy a thread for too long.
const LEAST_PROGRESS: usize = 256 * 1024;

/// Why a body is incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The client disconnected, or sent less than it had announced.
    Disconnected,
    TooSlow,
    TooLarge,
    /// The file was not processed within the time limit of imports.
    Overdue,
}

impl Body {
    pub(crate) fn media_type(&self) -> Result<MediaType, ApiError> {
        MediaType::declared(self.request.headers())
    }

    /// Processes a body of up to `largest` bytes while it arrives. Returns the result of `work`,
    /// and why the body is incomplete, if it is.
    ///
    /// `work` continues to its end even if the request is cancelled. It then gets `UnexpectedEof`
    /// from the body.
    pub(crate) async fn read_file<T: Send + 'static>(
        self,
        largest: u64,
        work: impl FnOnce(Arriving) -> T + Send + 'static,
    ) -> Result<(T, Option<Cut>), ApiError> {
        let settings = self.settings()?;
        let (limit, total) = (settings.body_timeout, settings.import_timeout);
        let (sender, chunks) = mpsc::channel(CHUNKS);
        let (done, outcome) = oneshot::channel();
        let failed = |cause: io::Error| ApiError::new(Reason::Unavailable).cause(cause);
        let span = tracing::Span::current();
        thread::Builder::new()
            .name("upload".to_owned())
            .spawn(move || {
                lower_priority();
                let _entered = span.enter();
                let body = Arriving { chunks, current: Bytes::new(), ended: false };
                // The request may have been cancelled.
                drop(done.send(work(body)));
            })
            .map_err(failed)?;
        // When the time is over, the sender is dropped, and the thread sees an incomplete body.
        let passed = timeout(total, pass_on(self.payload, sender, limit, largest)).await;
        let cut = passed.unwrap_or(Err(Cut::Overdue)).err();
        // A thread that panicked has dropped the sender.
        let outcome =
            outcome.await.map_err(|error| ApiError::new(Reason::InternalError).cause(error))?;
        Ok((outcome, cut))
    }
}

/// Lets the threads that answer short requests go before the calling thread. Only Linux can lower the
/// priority of a single thread.
fn lower_priority() {
    const LOWEST: i32 = 19;
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::nice(LOWEST)
    {
        tracing::warn!(%error, "the priority of an import cannot be lowered");
    }
}

/// Sends the chunks of a body to the thread, and `None` at the end of a complete body.
async fn pass_on(
    mut payload: Payload,
    to: mpsc::Sender<Option<Bytes>>,
    limit: Duration,
    largest: u64,
) -> Result<(), Cut> {
    let (mut total, mut recent, mut waited) = (0, 0, Duration::ZERO);
    loop {
        let asked = Instant::now();
        let next = timeout(limit.saturating_sub(waited), payload.next()).await;
        let chunk = match next.map_err(|_| Cut::TooSlow)? {
            None => None,
            Some(chunk) => Some(chunk.map_err(|_| Cut::Disconnected)?),
        };
        let length = chunk.as_ref().map_or(0, Bytes::len);
        total += length as u64;
        if total > largest {
            return Err(Cut::TooLarge);
        }
        recent += length;
        waited += asked.elapsed();
        if recent >= LEAST_PROGRESS {
            (recent, waited) = (0, Duration::ZERO);
        }
        let is_end = chunk.is_none();
        // The thread may stop reading before the end.
        if to.send(chunk).await.is_err() || is_end {
            return Ok(());
        }
    }
}

/// A body while it arrives. Reading it blocks the thread.
pub(crate) struct Arriving {
    chunks: mpsc::Receiver<Option<Bytes>>,
    current: Bytes,
    ended: bool,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.chunks.blocking_recv() {
                Some(Some(chunk)) => self.current = chunk,
                Some(None) => self.ended = true,
                // A body that was cut off must not look complete.
                None => return Err(ErrorKind::UnexpectedEof.into()),
            }
        }
        let length = buffer.len().min(self.current.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arriving(chunks: Vec<Option<&'static str>>) -> Arriving {
        let (sender, receiver) = mpsc::channel(10);
        for chunk in chunks {
            sender.try_send(chunk.map(|text| Bytes::from_static(text.as_bytes()))).unwrap();
        }
        Arriving { chunks: receiver, current: Bytes::new(), ended: false }
    }

    #[test]
    fn chunks_are_read_as_one_body() {
        let mut text = String::new();
        let chunks = vec![Some("one "), Some(""), Some("two"), None];
        assert_eq!(arriving(chunks).read_to_string(&mut text).unwrap(), 7);
        assert_eq!(text, "one two");
    }

    #[test]
    fn a_body_that_was_cut_off_ends_with_an_error() {
        let mut bytes = Vec::new();
        let error = arriving(vec![Some("one")]).read_to_end(&mut bytes).unwrap_err();
        assert_eq!((error.kind(), bytes.as_slice()), (ErrorKind::UnexpectedEof, &b"one"[..]));
    }
}
