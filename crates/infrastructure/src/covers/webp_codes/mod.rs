//! Measures the entropy codes of a lossless WebP (RFC 9649, section 3.7) before they are decoded. A
//! file of a few MiB can describe codes whose tables take more than a GiB.

mod code;
mod image;
mod stream;
#[cfg(test)]
mod tests;

use stream::Stream;

use super::bounds::Deadline;

/// The memory of the codes of an image and of its alpha channel. It counts no further when they take
/// more than `most`. Returns nothing if the codes are malformed, or after the deadline.
pub(super) fn memory(
    file: &[u8],
    width: u32,
    height: u32,
    most: u64,
    deadline: Deadline,
) -> Option<u64> {
    let measure = |bytes| Stream::new(bytes, deadline).measure(width, height, most);
    let mut total = 0;
    if let Some(image) = chunk(file, b"VP8L") {
        // The signature, the size and the version.
        total += measure(image.get(5..)?)?;
    }
    if let Some(alpha) = chunk(file, b"ALPH")
        && let [info, stream @ ..] = alpha
        && info & 3 == 1
    {
        total += measure(stream)?;
    }
    Some(total)
}

/// The first chunk of this name (section 2.3).
fn chunk<'a>(file: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let mut at = 12;
    loop {
        let (found, rest) = file.get(at..)?.split_first_chunk::<4>()?;
        let (size, data) = rest.split_first_chunk::<4>()?;
        let size = u32::from_le_bytes(*size) as usize;
        if found == name {
            return Some(&data[..size.min(data.len())]);
        }
        at = at.checked_add(8)?.checked_add(size)?.checked_add(size % 2)?;
    }
}
