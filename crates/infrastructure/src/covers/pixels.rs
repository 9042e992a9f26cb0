use std::io::{self, BufRead, Cursor, Seek, Write};
use std::time::Duration;

use bookshelf_domain::covers::{CoverCodecError, CoverFormat, CoverImages};
use bookshelf_domain::{Fault, FaultCode};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageResult, Limits};
use rustix::time::{ClockId, clock_gettime};

use super::container::Container;

/// The memory that a decoder may take: 40 megapixels with four channels of 16 bits, and some more to
/// work with.
const MAX_MEMORY: u64 = 400 * 1024 * 1024;
/// The processor time that one image may take. Only an image that was made to be slow takes as long.
const MAX_TIME: Duration = Duration::from_secs(20);
/// The JPEG qualities that are tried until an image is small enough. The loss of the first is
/// invisible.
const QUALITIES: [u8; 3] = [85, 70, 50];

type Outcome<T> = Result<T, CoverCodecError>;

/// Decodes an upload and encodes its pixels anew, so that nothing else of the file is kept.
pub(super) fn encode(upload: &[u8]) -> Outcome<CoverImages> {
    let deadline = Deadline(thread_time() + MAX_TIME);
    let container = Container::of(upload).map_err(CoverCodecError::UnsupportedFormat)?;
    let image = decode(container, upload, deadline)?;
    deadline.check()?;
    let (image, format) = reduce(image);
    let thumb = match thumb_size(image.width(), image.height()) {
        Some((width, height)) => image.thumbnail_exact(width, height),
        None => image.clone(),
    };
    let thumb = write(&thumb, format, deadline)?;
    let full = write(&image, format, deadline)?;
    Ok(CoverImages { format, full, thumb })
}

fn decode(container: Container, upload: &[u8], deadline: Deadline) -> Outcome<DynamicImage> {
    let limits = limits();
    let input = Timed { inner: Cursor::new(upload), deadline, reads: 0 };
    match container {
        Container::Jpeg => pixels(JpegDecoder::new(input), container, upload),
        Container::Png => {
            let decoder = PngDecoder::with_limits(input, limits);
            if decoder.as_ref().is_ok_and(|decoder| decoder.is_apng().unwrap_or(true)) {
                return Err(animated());
            }
            pixels(decoder, container, upload)
        }
        Container::WebP => {
            let decoder = WebPDecoder::new(input);
            if decoder.as_ref().is_ok_and(WebPDecoder::has_animation) {
                return Err(animated());
            }
            pixels(decoder, container, upload)
        }
    }
}

/// Checks the size in the header of the file before it decodes any pixels.
fn pixels(
    decoder: ImageResult<impl ImageDecoder>,
    container: Container,
    upload: &[u8],
) -> Outcome<DynamicImage> {
    let mut decoder = decoder.map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > CoverImages::MAX_PIXELS {
        let most = CoverImages::MAX_PIXELS / 1_000_000;
        let fault = format!("must have at most {most} megapixels, not {width} × {height} pixels");
        return Err(unacceptable(fault));
    }
    if width.max(height) > CoverImages::MAX_SIDE {
        let most = CoverImages::MAX_SIDE;
        let fault = format!("must be at most {most} pixels wide and high, not {width} × {height}");
        return Err(unacceptable(fault));
    }
    if !container.is_whole(upload) {
        return Err(unacceptable("is cut short"));
    }
    decoder.set_limits(limits()).map_err(damaged)?;
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// Reduces an image to eight bits per channel, and drops the alpha channel if no pixel is transparent.
fn reduce(image: DynamicImage) -> (DynamicImage, CoverFormat) {
    if !image.color().has_alpha() {
        return (DynamicImage::ImageRgb8(image.into_rgb8()), CoverFormat::Jpeg);
    }
    let image = image.into_rgba8();
    if image.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        let image = DynamicImage::ImageRgba8(image).into_rgb8();
        return (DynamicImage::ImageRgb8(image), CoverFormat::Jpeg);
    }
    (DynamicImage::ImageRgba8(image), CoverFormat::Png)
}

/// The size of the thumbnail, or nothing if the image is no larger than a thumbnail.
fn thumb_size(width: u32, height: u32) -> Option<(u32, u32)> {
    let most = CoverImages::THUMB_HEIGHT;
    if height <= most {
        return None;
    }
    let scaled = u64::from(width) * u64::from(most) / u64::from(height);
    Some((u32::try_from(scaled).unwrap_or(width).max(1), most))
}

fn write(image: &DynamicImage, format: CoverFormat, deadline: Deadline) -> Outcome<Vec<u8>> {
    match format {
        CoverFormat::Png => {
            let written = bounded(deadline, |to| {
                let filter = FilterType::Adaptive;
                let encoder = PngEncoder::new_with_quality(to, CompressionType::Default, filter);
                image.write_with_encoder(encoder)
            })?;
            written.ok_or_else(|| too_detailed("while parts of it are transparent"))
        }
        CoverFormat::Jpeg => {
            for quality in QUALITIES {
                let written = bounded(deadline, |to| {
                    image.write_with_encoder(JpegEncoder::new_with_quality(to, quality))
                })?;
                if let Some(written) = written {
                    return Ok(written);
                }
            }
            Err(too_detailed("for the number of its pixels"))
        }
    }
}

/// What `write` writes, unless it is larger than a cover may be.
fn bounded(
    deadline: Deadline,
    write: impl FnOnce(&mut Bounded) -> ImageResult<()>,
) -> Outcome<Option<Vec<u8>>> {
    let mut to = Bounded { bytes: Vec::new(), overflowed: false, deadline };
    let outcome = write(&mut to);
    deadline.check()?;
    match outcome {
        _ if to.overflowed => Ok(None),
        Ok(()) => Ok(Some(to.bytes)),
        Err(error) => Err(CoverCodecError::Unexpected(error.into())),
    }
}

/// The processor time of this thread, which does not depend on the load of the machine.
fn thread_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
struct Deadline(Duration);

impl Deadline {
    fn is_over(self) -> bool {
        thread_time() > self.0
    }

    fn check(self) -> Outcome<()> {
        if self.is_over() { Err(unacceptable("takes too long to read")) } else { Ok(()) }
    }
}

/// A reader that fails after the deadline.
struct Timed<'a> {
    inner: Cursor<&'a [u8]>,
    deadline: Deadline,
    reads: u8,
}

impl Timed<'_> {
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
struct Bounded {
    bytes: Vec<u8>,
    overflowed: bool,
    deadline: Deadline,
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

fn unacceptable(sentence: impl Into<String>) -> CoverCodecError {
    CoverCodecError::Unacceptable(Fault::new(FaultCode::Unreadable, sentence.into()))
}

fn animated() -> CoverCodecError {
    unacceptable("must not be animated")
}

fn too_detailed(why: &str) -> CoverCodecError {
    let most = CoverImages::MAX_KEPT / 1024 / 1024;
    unacceptable(format!("has too much detail {why}: it takes more than {most} MiB to keep"))
}

fn damaged(error: ImageError) -> CoverCodecError {
    match error {
        ImageError::Limits(_) => unacceptable("takes too much memory to read"),
        ImageError::IoError(error) if error.kind() == io::ErrorKind::TimedOut => {
            unacceptable("takes too long to read")
        }
        ImageError::Unsupported(_) => unacceptable("is of a kind that cannot be read"),
        _ => unacceptable("is damaged"),
    }
}
