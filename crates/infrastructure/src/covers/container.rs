//! Recognises image files and their ends without decoding them.

use bookshelf_domain::{Fault, FaultCode};

/// The file formats that an upload may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Jpeg,
    Png,
    WebP,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Container {
    /// Recognises the format by the first bytes.
    pub(super) fn of(file: &[u8]) -> Result<Self, Fault> {
        if file.starts_with(b"\xff\xd8\xff") {
            return Ok(Self::Jpeg);
        }
        if file.starts_with(PNG) {
            return Ok(Self::Png);
        }
        if file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
            return Ok(Self::WebP);
        }
        let sentence = format!("must be a JPEG, PNG or WebP image{}", instead(file));
        Err(Fault::new(FaultCode::Unreadable, sentence))
    }

    /// Whether the file reaches its own end. Decoders accept a file that is cut short: the missing
    /// part of a JPEG becomes grey.
    pub(super) fn is_whole(self, file: &[u8]) -> bool {
        let end = match self {
            Self::Jpeg => end_of_jpeg(file).map(|(end, _)| end),
            Self::Png => end_of_png(file),
            Self::WebP => end_of_webp(file),
        };
        end.is_some()
    }
}

/// What the file seems to be instead, as the end of the fault.
fn instead(file: &[u8]) -> &'static str {
    let text = file.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let start = text[..text.len().min(512)].to_ascii_lowercase();
    let has = |part: &[u8]| start.windows(part.len()).any(|window| window == part);
    if file.starts_with(b"GIF8") {
        ", not a GIF"
    } else if start.starts_with(b"<") && has(b"<svg") {
        ", not an SVG"
    } else if start.starts_with(b"<") && (has(b"<html") || has(b"<!doctype")) {
        ", not an HTML page"
    } else {
        ""
    }
}

/// The number of scans of a JPEG, unless it is cut short.
pub(super) fn jpeg_scans(file: &[u8]) -> Option<usize> {
    end_of_jpeg(file).map(|(_, scans)| scans)
}

/// The length of a JPEG up to its marker EOI (ITU-T T.81, annex B), and the number of its scans. Bytes
/// within a segment are not markers.
fn end_of_jpeg(file: &[u8]) -> Option<(usize, usize)> {
    let mut at = 2;
    let mut scans = 0;
    loop {
        // Fill bytes may precede a marker, and coded data follows a start of scan. In coded data, FF
        // followed by 00 and the restart markers are data.
        let marker = loop {
            at += file.get(at..)?.iter().position(|byte| *byte == 0xff)? + 1;
            match *file.get(at)? {
                0x00 | 0x01 | 0xd0..=0xd7 => at += 1,
                0xff => {}
                marker => break marker,
            }
        };
        at += 1;
        match marker {
            0xd9 => return Some((at, scans)),
            0xda => scans += 1,
            _ => {}
        }
        let length = file.get(at..at + 2)?;
        at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
    }
}

/// The length of a PNG up to its chunk IEND (PNG specification, sections 5.3 and 11.2.5).
fn end_of_png(file: &[u8]) -> Option<usize> {
    let mut at = PNG.len();
    loop {
        let (length, rest) = file.get(at..)?.split_first_chunk::<4>()?;
        // The type, the data and a checksum follow the length.
        let end = at.checked_add(12)?.checked_add(u32::from_be_bytes(*length) as usize)?;
        if end > file.len() {
            return None;
        }
        if rest.starts_with(b"IEND") {
            return Some(end);
        }
        at = end;
    }
}

/// The length of a WebP, which its header tells (RFC 9649, section 2.4).
fn end_of_webp(file: &[u8]) -> Option<usize> {
    let length = file.get(4..)?.first_chunk::<4>()?;
    let end = usize::try_from(u32::from_le_bytes(*length)).ok()?.checked_add(8)?;
    (end <= file.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(file: &[u8]) -> String {
        Container::of(file).unwrap_err().sentence.into_owned()
    }

    #[test]
    fn a_file_that_is_not_an_image_is_named_if_it_is_known() {
        assert!(fault(b"GIF89a...").ends_with("not a GIF"));
        assert!(fault(b"  <?xml version='1.0'?>\n<SVG xmlns=''>").ends_with("not an SVG"));
        assert!(fault(b"\xef\xbb\xbf<!DOCTYPE html><p>").ends_with("not an HTML page"));
        for other in [&b""[..], b"BM", b"RIFF\0\0\0\0WAVE", b"\x89PNG", b"text about <svg>"] {
            assert_eq!(fault(other), "must be a JPEG, PNG or WebP image");
        }
    }

    #[test]
    fn an_end_within_a_segment_does_not_count() {
        // A segment APP1 with a whole small JPEG in it, as cameras write their previews.
        let preview = b"\xff\xd8\xff\xe1\x00\x06\xff\xd8\xff\xd9";
        assert!(!Container::Jpeg.is_whole(preview));
        let whole = [&preview[..], b"\xff\xda\x00\x02data\xff\x00\xff\xd3more\xff\xd9appended"];
        assert_eq!(end_of_jpeg(&whole.concat()), Some((preview.len() + 4 + 4 + 4 + 4 + 2, 1)));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for container in [Container::Jpeg, Container::Png, Container::WebP] {
                container.is_whole(&bytes);
            }
            let _: Result<Container, Fault> = Container::of(&bytes);
        }
    }
}
