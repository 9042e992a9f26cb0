use std::io::{self, Chain, Cursor, Read};

use encoding_rs::{Encoding, UTF_8};

use super::limits::MAX_HEADER_BYTES;
use super::row::RowsError;

/// The start of a file, which was read to look at it, and the rest of the file.
pub(super) type Source<R> = Chain<Cursor<Vec<u8>>, R>;

/// Skips a byte order mark of UTF-8 and refuses one of UTF-16.
pub(super) fn without_mark<R: Read>(mut source: R) -> Result<Source<R>, RowsError> {
    let mut start = Vec::with_capacity(3);
    source.by_ref().take(3).read_to_end(&mut start)?;
    match Encoding::for_bom(&start) {
        Some((encoding, length)) if encoding == UTF_8 => start.drain(..length),
        Some(_) => return Err(RowsError::Header("the file is UTF-16: save it as UTF-8")),
        None => start.drain(..0),
    };
    Ok(Cursor::new(start).chain(source))
}

/// Reads a file at least to the end of its first line that is not empty.
pub(super) fn read_first_line(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    while start.len() < MAX_HEADER_BYTES && !start.trim_ascii_start().contains(&b'\n') {
        let before = start.len();
        source.by_ref().take(4096).read_to_end(&mut start)?;
        if start.len() == before {
            break;
        }
    }
    Ok(start)
}
