//! The bounds of the time and the memory that an upload may take.

use std::io::{self, BufRead, Cursor, Seek, Write};
use std::time::Duration;

use bookshelf_domain::covers::{CoverCodecError, CoverImages};
use rustix::time::{ClockId, clock_gettime};

use super::faults::unacceptable;

/// The processor time of this thread, which does not depend on the load of the machine.
fn thread_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Duration);

impl Deadline {
    pub(super) fn after(time: Duration) -> Self {
        Self(thread_time() + time)
    }

    pub(super) fn is_over(self) -> bool {
        thread_time() > self.0
    }

    pub(super) fn check(self) -> Result<(), CoverCodecError> {
        if self.is_over() { Err(unacceptable("takes too long to read")) } else { Ok(()) }
    }
}

/// A reader that fails after the deadline.
pub(super) struct Timed<'a> {
    inner: Cursor<&'a [u8]>,
    deadline: Deadline,
    reads: u8,
}

impl<'a> Timed<'a> {
    pub(super) fn new(bytes: &'a [u8], deadline: Deadline) -> Self {
        Self { inner: Cursor::new(bytes), deadline, reads: 0 }
    }

    /// Reads the clock only at every 256th call, because some decoders read byte by byte.
    fn check(&mut self) -> io::Result<()> {
        self.reads = self.reads.wrapping_add(1);
        if self.reads == 0 && self.deadline.is_over() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl io::Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.inner.read(buffer)
    }
}

impl BufRead for Timed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

impl Seek for Timed<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A writer that fails after the deadline, or when the image is larger than a cover may be.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    overflowed: bool,
    deadline: Deadline,
}

impl Bounded {
    pub(super) fn new(deadline: Deadline) -> Self {
        Self { bytes: Vec::new(), overflowed: false, deadline }
    }

    /// What was written, or nothing if it was too large.
    pub(super) fn into_bytes(self) -> Option<Vec<u8>> {
        (!self.overflowed).then_some(self.bytes)
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (before, after) = (self.bytes.len(), self.bytes.len() + bytes.len());
        self.overflowed |= after > CoverImages::MAX_KEPT;
        // The clock is read only every 64 KiB, because encoders write byte by byte.
        let is_late = before / 65_536 != after / 65_536 && self.deadline.is_over();
        if self.overflowed || is_late {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
