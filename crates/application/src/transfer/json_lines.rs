use std::io::{self, BufRead, BufReader, Read};

use bookshelf_domain::Faults;

use super::limits::{MAX_ROW_BYTES, READ_BYTES};
use super::members::{Object, read_object};
use super::row::row_fault;

/// The lines of a file that are not empty, each a JSON object.
pub(super) struct JsonLines<R> {
    source: BufReader<R>,
    /// The line that was read last, up to the longest row.
    text: Vec<u8>,
    line: u64,
}

impl<R: Read> JsonLines<R> {
    pub(super) fn new(source: R) -> Self {
        let source = BufReader::with_capacity(READ_BYTES, source);
        Self { source, text: Vec::new(), line: 0 }
    }

    /// Reads the next line that is not empty. Returns its number, and the members of its object or a
    /// fault.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Result<Object, Faults>)>> {
        while let Some(fits) = self.read()? {
            if self.text().is_empty() {
                continue;
            }
            let object = if fits {
                read_object(&self.text)
            } else {
                Err(row_fault(format!("must be at most {MAX_ROW_BYTES} bytes")))
            };
            return Ok(Some((self.line, object)));
        }
        Ok(None)
    }

    /// The line that was read last, as it is in the file.
    pub(super) fn text(&self) -> &[u8] {
        self.text.trim_ascii()
    }

    /// Reads the next line. Returns whether it is short enough without its line break, or `None` at the
    /// end of the file.
    fn read(&mut self) -> io::Result<Option<bool>> {
        self.text.clear();
        let mut limited = self.source.by_ref().take(MAX_ROW_BYTES as u64 + 1);
        if limited.read_until(b'\n', &mut self.text)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if self.text.ends_with(b"\n") {
            self.text.pop();
            return Ok(Some(true));
        }
        let fits = self.text.len() <= MAX_ROW_BYTES;
        if !fits {
            self.source.skip_until(b'\n')?;
        }
        Ok(Some(fits))
    }
}
