use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use csv_core::ReadRecordResult;

use super::layout::Layout;
use super::limits::{MAX_COLUMNS, MAX_ROW_BYTES, READ_BYTES};

/// Reads the records of a table: RFC 4180, with any separator. The buffer never grows beyond the
/// longest row that is allowed.
pub(super) struct Records<R> {
    source: BufReader<R>,
    parser: csv_core::Reader,
    /// The cells of the last record, one after the other without separators.
    cells: Vec<u8>,
    /// Where each cell ends in `cells`.
    ends: Vec<usize>,
    count: usize,
    /// Takes the rest of a record that is too long. It is overwritten and never read.
    overflow: Box<([u8; 4096], [usize; 64])>,
    lines: LineCounter,
}

/// How a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Whole,
    /// The record has too many bytes or columns, and only its beginning was kept.
    TooLong,
    /// The file ended within quotes.
    OpenQuote,
}

impl<R: Read> Records<R> {
    pub(super) fn open(source: R, layout: Layout) -> io::Result<Self> {
        let Layout { separator, has_quotes, is_named } = layout;
        let parser =
            csv_core::ReaderBuilder::new().delimiter(separator).quoting(has_quotes).build();
        let mut records = Self {
            source: BufReader::with_capacity(READ_BYTES, source),
            parser,
            cells: vec![0; 4096],
            ends: vec![0; MAX_COLUMNS],
            count: 0,
            overflow: Box::new(([0; 4096], [0; 64])),
            lines: LineCounter::default(),
        };
        if is_named {
            records.skip_line()?;
        }
        Ok(records)
    }

    /// Reads the next record and returns the line where it starts. Empty lines are skipped.
    pub(super) fn read(&mut self) -> io::Result<Option<(u64, Ending)>> {
        self.count = 0;
        if !self.skip_line_breaks()? {
            return Ok(None);
        }
        let line = self.lines.current;
        let mut written = 0;
        let mut fits = true;
        let ending = loop {
            let input = fill(&mut self.source)?;
            let at_end = input.is_empty();
            // At the end of the file a line break ends any record, unless a quote is open.
            let input = if at_end { b"\n" } else { input };
            let (cells, ends) = if fits {
                (&mut self.cells[written..], &mut self.ends[self.count..])
            } else {
                (&mut self.overflow.0[..], &mut self.overflow.1[..])
            };
            let (result, read, wrote, ended) = self.parser.read_record(input, cells, ends);
            if !at_end {
                self.lines.count(&input[..read]);
                self.source.consume(read);
            }
            if fits {
                written += wrote;
                self.count += ended;
            }
            match result {
                ReadRecordResult::InputEmpty if at_end => {
                    self.parser.reset();
                    break Ending::OpenQuote;
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.cells.len() < MAX_ROW_BYTES => {
                    self.cells.resize(self.cells.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => fits = false,
                ReadRecordResult::Record | ReadRecordResult::End => {
                    break if fits { Ending::Whole } else { Ending::TooLong };
                }
            }
        };
        if ending != Ending::Whole && self.count < MAX_COLUMNS {
            self.ends[self.count] = written;
            self.count += 1;
        }
        Ok(Some((line, ending)))
    }

    /// The number of cells of the last record.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn cell(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.cells[start..self.ends[index]]
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|index| self.cell(index))
    }

    /// Skips the text of a line. Its line break is skipped with the empty lines after it.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let input = fill(&mut self.source)?;
            let text = input.iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
            let done = text < input.len() || input.is_empty();
            self.source.consume(text);
            if done {
                return Ok(());
            }
        }
    }

    /// Returns whether anything follows.
    fn skip_line_breaks(&mut self) -> io::Result<bool> {
        loop {
            let input = fill(&mut self.source)?;
            let breaks = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let more = breaks < input.len();
            let done = more || input.is_empty();
            self.lines.count(&input[..breaks]);
            self.source.consume(breaks);
            if done {
                return Ok(more);
            }
        }
    }
}

fn fill<R: Read>(source: &mut BufReader<R>) -> io::Result<&[u8]> {
    while let Err(error) = source.fill_buf() {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(source.buffer())
}

/// Counts lines that end in LF, CRLF or CR.
struct LineCounter {
    current: u64,
    after_carriage_return: bool,
}

impl Default for LineCounter {
    fn default() -> Self {
        Self { current: 1, after_carriage_return: false }
    }
}

impl LineCounter {
    fn count(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let second_half = *byte == b'\n' && self.after_carriage_return;
            self.current += u64::from(matches!(byte, b'\r' | b'\n') && !second_half);
            self.after_carriage_return = *byte == b'\r';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(bytes: &[u8]) -> Vec<(u64, Ending, Vec<String>)> {
        let mut records = Records::open(bytes, Layout::of(b"")).unwrap();
        let mut all = Vec::new();
        while let Some((line, ending)) = records.read().unwrap() {
            let cells = records.cells().map(|cell| String::from_utf8_lossy(cell).into()).collect();
            all.push((line, ending, cells));
        }
        all
    }

    fn whole(line: u64, cells: &[&str]) -> (u64, Ending, Vec<String>) {
        (line, Ending::Whole, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn a_record_is_found_on_the_line_where_it_starts() {
        let expected = [whole(1, &["a", "b"]), whole(3, &["x\ny", "\"q\""]), whole(5, &["1", ""])];
        for text in [
            "a,b\n\n\"x\ny\",\"\"\"q\"\"\"\n1,\n\n",
            "a,b\r\n\r\n\"x\ny\",\"\"\"q\"\"\"\r\n1,",
            "a,b\r\r\"x\ny\",\"\"\"q\"\"\"\r1,\r",
        ] {
            assert_eq!(records(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(records(b""), []);
        assert_eq!(records(b"\r\n\n"), []);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_reported() {
        let found = records(b"a,b\nc,\"d\ne,f\n");
        assert_eq!(found[0], whole(1, &["a", "b"]));
        assert_eq!((found[1].0, found[1].1), (2, Ending::OpenQuote));
        assert_eq!(found[1].2[0], "c");
    }

    #[test]
    fn an_endless_record_takes_bounded_memory() {
        let mut text = b"a,\"".to_vec();
        text.resize(10 * MAX_ROW_BYTES, b'x');
        text.extend(b"\"\nb,c\n");
        let mut records = Records::open(text.as_slice(), Layout::of(b"")).unwrap();
        assert_eq!(records.read().unwrap(), Some((1, Ending::TooLong)));
        assert!(records.cells.len() <= MAX_ROW_BYTES);
        assert_eq!(records.cell(0), b"a");
        assert_eq!(records.read().unwrap(), Some((2, Ending::Whole)));
        assert_eq!(records.cells().collect::<Vec<_>>(), [b"b", b"c"]);
        assert_eq!(records.read().unwrap(), None);
    }

    #[test]
    fn a_record_with_too_many_columns_is_cut() {
        let found = records(format!("{}\nb\n", ",".repeat(5000)).as_bytes());
        assert_eq!((found[0].1, found[0].2.len()), (Ending::TooLong, MAX_COLUMNS));
        assert_eq!(found[1], whole(2, &["b"]));
    }
}
