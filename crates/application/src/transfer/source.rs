use std::io::{self, Chain, Cursor, ErrorKind, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use super::charset::Charset;
use super::limits::{LOOK_AHEAD_BYTES, READ_BYTES};
use super::row::RowsError;

/// Reads a file as UTF-8. It reads the start ahead, so that the encoding and the separator are known
/// before the first row is imported.
///
/// It replaces bytes that are not text in the encoding of the file by a byte 0xFF.
pub(super) struct Source<R> {
    start: Cursor<Vec<u8>>,
    /// The error after the start of the file. It is reported when the start has been read.
    error: Option<io::Error>,
    rest: Decoded<Chain<Cursor<Vec<u8>>, R>>,
    encoding: &'static Encoding,
}

impl<R: Read> Source<R> {
    /// Reads the start of a file. A byte order mark decides the encoding. Without one it is `charset`,
    /// or else UTF-8.
    pub(super) fn open(mut source: R, charset: Option<Charset>) -> Result<Self, RowsError> {
        let mut mark = Vec::with_capacity(3);
        source.by_ref().take(3).read_to_end(&mut mark)?;
        let mut encoding = charset.map_or(UTF_8, |charset| charset.0);
        if let Some((marked, length)) = Encoding::for_bom(&mark) {
            encoding = marked;
            mark.drain(..length);
        }
        let mut rest = Decoded::new(Cursor::new(mark).chain(source), encoding);
        let mut start = Vec::new();
        let error = rest.by_ref().take(LOOK_AHEAD_BYTES).read_to_end(&mut start).err();
        Ok(Self { start: Cursor::new(start), error, rest, encoding })
    }

    /// The start of the file, up to a bound.
    pub(super) fn start(&self) -> &[u8] {
        self.start.get_ref()
    }

    /// Refuses a file whose start is not text in its encoding. The last character of the start may be
    /// incomplete.
    pub(super) fn check_encoding(&self) -> Result<(), RowsError> {
        let start = self.start();
        let malformed = str::from_utf8(start).is_err_and(|error| error.error_len().is_some());
        let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        // UTF-16 without a mark is valid UTF-8 with a NUL beside each ASCII character.
        if !malformed && !line.contains(&0) {
            return Ok(());
        }
        Err(RowsError::Header(
            format!(
                "the file is not {}: save it as UTF-8, or give its encoding as charset, which is \
                 one of: {}",
                self.encoding.name(),
                Charset::names()
            )
            .into(),
        ))
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.start.read(buffer)?;
        if length > 0 || buffer.is_empty() {
            return Ok(length);
        }
        self.start = Cursor::default();
        match self.error.take() {
            Some(error) => Err(error),
            None => self.rest.read(buffer),
        }
    }
}

/// Decodes a file of another encoding to UTF-8 while it is read.
struct Decoded<R> {
    source: R,
    /// `None` if the file is UTF-8 already.
    decoder: Option<Decoder>,
    input: Vec<u8>,
    /// How many bytes of `input` are decoded.
    used: usize,
    output: Cursor<Vec<u8>>,
    is_at_end: bool,
}

impl<R: Read> Decoded<R> {
    fn new(source: R, encoding: &'static Encoding) -> Self {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        let (input, output) = (Vec::new(), Cursor::default());
        Self { source, decoder, input, used: 0, output, is_at_end: false }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else { return self.source.read(buffer) };
        loop {
            let length = self.output.read(buffer)?;
            if length > 0 || buffer.is_empty() || self.is_at_end {
                return Ok(length);
            }
            if self.used == self.input.len() {
                self.input.resize(READ_BYTES, 0);
                self.used = READ_BYTES;
                let length = match self.source.read(&mut self.input) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    read => read?,
                };
                self.input.truncate(length);
                self.used = 0;
            }
            let is_last = self.input.is_empty();
            let mut output = std::mem::take(&mut self.output).into_inner();
            output.resize(READ_BYTES, 0);
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(
                &self.input[self.used..],
                &mut output,
                is_last,
            );
            self.used += read;
            output.truncate(written);
            match result {
                DecoderResult::Malformed(..) => output.push(MALFORMED),
                DecoderResult::InputEmpty => self.is_at_end = is_last,
                DecoderResult::OutputFull => {}
            }
            self.output = Cursor::new(output);
        }
    }
}

/// A byte that never occurs in UTF-8.
const MALFORMED: u8 = 0xff;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &[u8], charset: Option<&str>) -> Result<Vec<u8>, String> {
        let charset = charset.map(|label| label.parse().unwrap());
        let mut source = Source::open(bytes, charset).unwrap();
        source.check_encoding().map_err(|error| error.to_string())?;
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        Ok(all)
    }

    #[test]
    fn a_mark_or_a_name_tells_the_encoding() {
        for (bytes, charset) in [
            (&b"\xef\xbb\xbfna\xc3\xafve"[..], None),
            (b"\xff\xfen\0a\0\xef\0v\0e\0", None),
            (b"\xfe\xff\0n\0a\0\xef\0v\0e", Some("windows-1250")),
            (b"na\xefve", Some("latin1")),
            (b"n\0a\0\xef\0v\0e\0", Some("utf-16le")),
        ] {
            assert_eq!(text(bytes, charset).unwrap(), "naïve".as_bytes(), "{bytes:?}");
        }
    }

    #[test]
    fn another_encoding_is_refused_with_the_names_of_all() {
        for bytes in [&b"na\xefve"[..], b"n\0a\0"] {
            assert!(text(bytes, None).unwrap_err().contains("windows-1250"), "{bytes:?}");
        }
        assert!(text(b"\xd2", Some("windows-1253")).unwrap_err().contains("not windows-1253"));
        // A file that was cut within a character is still UTF-8.
        assert_eq!(text(b"na\xc3", None).unwrap(), b"na\xc3");
    }

    proptest! {
        #[test]
        fn any_text_is_decoded(text_of_file in "\\PC{0,40}", marked in any::<bool>()) {
            let mut bytes = if marked { vec![0xff, 0xfe] } else { Vec::new() };
            bytes.extend(text_of_file.encode_utf16().flat_map(u16::to_le_bytes));
            let charset = (!marked).then_some("utf-16");
            prop_assert_eq!(text(&bytes, charset).unwrap(), text_of_file.as_bytes());
        }
    }
}
