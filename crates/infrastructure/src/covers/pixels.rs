use std::io::Write;
use std::time::Duration;

use bookshelf_domain::covers::{CoverCodecError, CoverFormat, CoverImages};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, ImageBuffer, ImageResult, Pixel};

use super::bounds::{Bounded, Deadline};
use super::decode::{Decoded, decode, drop_opaque_alpha};
use super::faults::too_detailed;
use super::upright::{Upright, swaps_sides};

/// The processor time that one image may take. Only an image that was made to be slow takes as long.
const MAX_TIME: Duration = Duration::from_secs(20);
/// The JPEG qualities that are tried until an image is small enough. The loss of the first is
/// invisible.
const QUALITIES: [u8; 3] = [85, 70, 50];

type Outcome<T> = Result<T, CoverCodecError>;

/// Decodes an upload and encodes its pixels anew, so that nothing else of the file is kept. There is
/// never a second copy of all pixels.
pub(super) fn encode(upload: &[u8]) -> Outcome<CoverImages> {
    let deadline = Deadline::after(MAX_TIME);
    let Decoded { image, orientation } = decode(upload, deadline)?;
    deadline.check()?;
    let image = drop_opaque_alpha(image);
    let format = if image.color().has_alpha() { CoverFormat::Png } else { CoverFormat::Jpeg };
    let thumb = match thumb(&image, orientation) {
        Some(thumb) => Some(write(&thumb, Orientation::NoTransforms, format, deadline)?),
        None => None,
    };
    let full = write(&image, orientation, format, deadline)?;
    Ok(CoverImages { format, thumb: thumb.unwrap_or_else(|| full.clone()), full })
}

/// The thumbnail, turned upright, or nothing if the image is no larger than a thumbnail.
fn thumb(image: &DynamicImage, orientation: Orientation) -> Option<DynamicImage> {
    let turned =
        |(width, height)| if swaps_sides(orientation) { (height, width) } else { (width, height) };
    let (width, height) = turned(image.dimensions());
    let (width, height) = turned(thumb_size(width, height)?);
    let mut thumb = image.thumbnail_exact(width, height);
    thumb.apply_orientation(orientation);
    Some(thumb)
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

fn write(
    image: &DynamicImage,
    orientation: Orientation,
    format: CoverFormat,
    deadline: Deadline,
) -> Outcome<Vec<u8>> {
    match format {
        CoverFormat::Png => {
            let written = bounded(deadline, |to| write_png(to, image, orientation))?;
            written.ok_or_else(|| too_detailed("while parts of it are transparent"))
        }
        CoverFormat::Jpeg => {
            for quality in QUALITIES {
                let write = |to: &mut Bounded| write_jpeg(to, quality, image, orientation);
                if let Some(written) = bounded(deadline, write)? {
                    return Ok(written);
                }
            }
            Err(too_detailed("for the number of its pixels"))
        }
    }
}

fn write_jpeg(
    to: &mut Bounded,
    quality: u8,
    image: &DynamicImage,
    orientation: Orientation,
) -> ImageResult<()> {
    let mut encoder = JpegEncoder::new_with_quality(to, quality);
    match image {
        image if orientation == Orientation::NoTransforms => image.write_with_encoder(encoder),
        DynamicImage::ImageLuma8(image) => encoder.encode_image(&Upright::new(image, orientation)),
        DynamicImage::ImageRgb8(image) => encoder.encode_image(&Upright::new(image, orientation)),
        // The decoders make no other opaque image.
        other => encoder.encode_image(&Upright::new(&other.to_rgb8(), orientation)),
    }
}

/// Writes row by row, so that a compressed copy of an image of noise never grows beyond the bound.
fn write_png(
    to: &mut Bounded,
    image: &DynamicImage,
    orientation: Orientation,
) -> Result<(), png::EncodingError> {
    match image {
        DynamicImage::ImageLumaA8(image) => {
            write_rows(to, png::ColorType::GrayscaleAlpha, image, orientation)
        }
        DynamicImage::ImageRgba8(image) => write_rows(to, png::ColorType::Rgba, image, orientation),
        // The decoders make no other transparent image.
        other => write_rows(to, png::ColorType::Rgba, &other.to_rgba8(), orientation),
    }
}

fn write_rows<P: Pixel<Subpixel = u8>>(
    to: &mut Bounded,
    colour: png::ColorType,
    image: &ImageBuffer<P, Vec<u8>>,
    orientation: Orientation,
) -> Result<(), png::EncodingError> {
    let upright = Upright::new(image, orientation);
    let (width, height) = upright.dimensions();
    let mut encoder = png::Encoder::new(to, width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    if orientation == Orientation::NoTransforms {
        for row in image.as_raw().chunks(width as usize * colour.samples()) {
            stream.write_all(row)?;
        }
    } else {
        let mut row = Vec::new();
        for y in 0..height {
            row.clear();
            for x in 0..width {
                row.extend_from_slice(upright.get_pixel(x, y).channels());
            }
            stream.write_all(&row)?;
        }
    }
    stream.finish()?;
    writer.finish()
}

/// What `write` writes, unless it is larger than a cover may be.
fn bounded<E: std::error::Error + Send + Sync + 'static>(
    deadline: Deadline,
    write: impl FnOnce(&mut Bounded) -> Result<(), E>,
) -> Outcome<Option<Vec<u8>>> {
    let mut to = Bounded::new(deadline);
    let outcome = write(&mut to);
    deadline.check()?;
    let Some(bytes) = to.into_bytes() else { return Ok(None) };
    match outcome {
        Ok(()) => Ok(Some(bytes)),
        Err(error) => Err(CoverCodecError::Unexpected(error.into())),
    }
}
