//! Decodes an upload to eight bits per channel, within a bound of memory that its header decides.

use std::io::{BufRead, Seek};

use bookshelf_domain::covers::{CoverCodecError, CoverImages};
use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageBuffer, ImageDecoder, Pixel, RgbImage};
use png::Transformations;

use super::bounds::{Deadline, Timed};
use super::container::{Container, jpeg_scans};
use super::faults::{
    animated, cut_short, damaged, damaged_png, damaged_webp, too_many_scans, too_much_memory,
    unacceptable,
};
use super::jpeg_frame::JpegFrame;
use super::webp_codes;

/// The memory that a decoder may take for metadata and for a few rows.
const WORKING_MEMORY: usize = 8 * 1024 * 1024;

type Outcome<T> = Result<T, CoverCodecError>;

/// The pixels of an upload, and how to turn them upright.
pub(super) struct Decoded {
    pub(super) image: DynamicImage,
    pub(super) orientation: Orientation,
}

pub(super) fn decode(upload: &[u8], deadline: Deadline) -> Outcome<Decoded> {
    let container = Container::of(upload).map_err(CoverCodecError::UnsupportedFormat)?;
    let input = Timed::new(upload, deadline);
    match container {
        Container::Jpeg => jpeg(upload, input),
        Container::Png => png(upload, input),
        Container::WebP => webp(upload, input, deadline),
    }
}

fn jpeg(upload: &[u8], input: impl BufRead + Seek) -> Outcome<Decoded> {
    let mut decoder = JpegDecoder::new(input).map_err(|error| damaged(&error))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let channels = u64::from(decoder.color_type().channel_count());
    let coefficients = JpegFrame::of(upload).coefficients(width, height);
    check_memory(pixels(width, height) * channels + coefficients)?;
    check_scans(jpeg_scans(upload).ok_or_else(cut_short)?)?;
    let orientation = decoder.orientation().map_err(|error| damaged(&error))?;
    let image = DynamicImage::from_decoder(decoder).map_err(|error| damaged(&error))?;
    Ok(Decoded { image, orientation })
}

/// The decoder reads row by row and keeps only the eight high bits of each channel.
fn png(upload: &[u8], input: impl BufRead + Seek) -> Outcome<Decoded> {
    let limits = png::Limits { bytes: WORKING_MEMORY };
    let mut decoder = png::Decoder::new_with_limits(input, limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(|error| damaged_png(&error))?.size();
    check_size(width, height)?;
    let mut reader = decoder.read_info().map_err(|error| damaged_png(&error))?;
    if reader.info().animation_control.is_some() {
        return Err(animated());
    }
    let (colour, _) = reader.output_color_type();
    check_memory(pixels(width, height) * colour.samples() as u64)?;
    check_end(Container::Png, upload)?;
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = orientation(exif);
    let mut bytes = vec![0; reader.output_buffer_size().ok_or_else(|| unacceptable("is damaged"))?];
    reader.next_frame(&mut bytes).map_err(|error| damaged_png(&error))?;
    let image = match colour {
        png::ColorType::Grayscale => buffer(width, height, bytes).map(DynamicImage::ImageLuma8),
        png::ColorType::GrayscaleAlpha => {
            buffer(width, height, bytes).map(DynamicImage::ImageLumaA8)
        }
        png::ColorType::Rgba => buffer(width, height, bytes).map(DynamicImage::ImageRgba8),
        // The decoder has looked up the colours of a palette.
        png::ColorType::Rgb | png::ColorType::Indexed => {
            buffer(width, height, bytes).map(DynamicImage::ImageRgb8)
        }
    };
    Ok(Decoded { image: image?, orientation })
}

fn webp(upload: &[u8], input: impl BufRead + Seek, deadline: Deadline) -> Outcome<Decoded> {
    let mut decoder = image_webp::WebPDecoder::new(input).map_err(|error| damaged_webp(&error))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    if decoder.is_animated() {
        return Err(animated());
    }
    // What the decoder takes for each pixel, in eighths of a byte.
    let bits = match (decoder.is_lossy(), decoder.has_alpha()) {
        // The pixels, and a luma plane with two chroma planes of a quarter of its size.
        (true, false) => 8 * 3 + 12,
        // The same, and the alpha channel: an image without loss, and a copy of its green channel.
        (true, true) => 8 * 4 + 12 + 8 * 4 + TRANSFORMS + 8,
        // The pixels, which are read as RGBA first.
        (false, false) => 8 * 4 + TRANSFORMS + 8 * 3,
        (false, true) => 8 * 4 + TRANSFORMS,
    };
    let of_pixels = pixels(width, height) * bits / 8;
    check_memory(of_pixels)?;
    check_end(Container::WebP, upload)?;
    let of_codes = webp_codes::memory(upload, width, height, CoverImages::MAX_MEMORY, deadline);
    deadline.check()?;
    check_memory(of_pixels + of_codes.ok_or_else(|| unacceptable("is damaged"))?)?;
    decoder.set_memory_limit(WORKING_MEMORY);
    let exif = decoder.exif_metadata().map_err(|error| damaged_webp(&error))?;
    let orientation = orientation(exif.as_deref());
    let mut bytes =
        vec![0; decoder.output_buffer_size().ok_or_else(|| unacceptable("is damaged"))?];
    decoder.read_image(&mut bytes).map_err(|error| damaged_webp(&error))?;
    let image = match decoder.has_alpha() {
        true => buffer(width, height, bytes).map(DynamicImage::ImageRgba8),
        false => buffer(width, height, bytes).map(DynamicImage::ImageRgb8),
    };
    Ok(Decoded { image: image?, orientation })
}

/// The images of the predictors, of the colour transform and of the entropy codes: at most one pixel
/// of four bytes, and an index of two, for each block of 4 × 4 pixels. In eighths of a byte for each
/// pixel.
const TRANSFORMS: u64 = 7;

fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

fn pixels(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

fn check_size(width: u32, height: u32) -> Outcome<()> {
    if pixels(width, height) > CoverImages::MAX_PIXELS {
        let most = CoverImages::MAX_PIXELS / 1_000_000;
        let fault = format!("must have at most {most} megapixels, not {width} × {height} pixels");
        return Err(unacceptable(fault));
    }
    if width.max(height) > CoverImages::MAX_SIDE {
        let most = CoverImages::MAX_SIDE;
        let fault = format!("must be at most {most} pixels wide and high, not {width} × {height}");
        return Err(unacceptable(fault));
    }
    Ok(())
}

fn check_memory(needed: u64) -> Outcome<()> {
    if needed > CoverImages::MAX_MEMORY { Err(too_much_memory(needed)) } else { Ok(()) }
}

fn check_end(container: Container, upload: &[u8]) -> Outcome<()> {
    if container.is_whole(upload) { Ok(()) } else { Err(cut_short()) }
}

/// The largest number of scans of a JPEG. Ordinary ones have up to ten. A scan of a few bytes can make
/// the decoder go through the whole image, and it does not look at the deadline meanwhile.
const MAX_SCANS: usize = 100;

fn check_scans(scans: usize) -> Outcome<()> {
    if scans > MAX_SCANS { Err(too_many_scans(scans, MAX_SCANS)) } else { Ok(()) }
}

fn buffer<P: Pixel<Subpixel = u8>>(
    width: u32,
    height: u32,
    bytes: Vec<u8>,
) -> Outcome<ImageBuffer<P, Vec<u8>>> {
    ImageBuffer::from_raw(width, height, bytes).ok_or_else(|| unacceptable("is damaged"))
}

/// Drops an alpha channel in which no pixel is transparent.
pub(super) fn drop_opaque_alpha(image: DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    match image {
        DynamicImage::ImageRgba8(image) if image.pixels().all(|pixel| pixel.0[3] == u8::MAX) => {
            let bytes = first_channels::<4>(image.into_raw());
            DynamicImage::ImageRgb8(RgbImage::from_raw(width, height, bytes).unwrap_or_default())
        }
        DynamicImage::ImageLumaA8(image) if image.pixels().all(|pixel| pixel.0[1] == u8::MAX) => {
            let bytes = first_channels::<2>(image.into_raw());
            DynamicImage::ImageLuma8(GrayImage::from_raw(width, height, bytes).unwrap_or_default())
        }
        other => other,
    }
}

/// Drops the last of some channels in place, because a copy takes too much memory.
fn first_channels<const CHANNELS: usize>(mut bytes: Vec<u8>) -> Vec<u8> {
    let kept = CHANNELS - 1;
    let count = bytes.len() / CHANNELS;
    for pixel in 1..count {
        bytes.copy_within(pixel * CHANNELS..pixel * CHANNELS + kept, pixel * kept);
    }
    bytes.truncate(count * kept);
    bytes.shrink_to_fit();
    bytes
}
