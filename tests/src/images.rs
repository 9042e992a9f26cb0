//! Images to upload: ordinary ones, and crafted ones such as an attacker would send.

use std::io::{Cursor, Write};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use png::{BitDepth, ColorType};

/// A picture with a different colour in each corner.
pub fn picture(width: u32, height: u32) -> DynamicImage {
    let shade = |at: u32, of: u32| (at * 255 / of) as u8;
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        Rgb([shade(x, width), shade(y, height), 80])
    }))
}

/// The same picture, half transparent at the top left.
pub fn transparent(width: u32, height: u32) -> DynamicImage {
    let opaque = picture(width, height).into_rgb8();
    DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, y| {
        let Rgb([r, g, b]) = *opaque.get_pixel(x, y);
        let alpha = if x < width / 2 && y < height / 2 { 40 } else { 255 };
        Rgba([r, g, b, alpha])
    }))
}

pub fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    file(&picture(width, height), ImageFormat::Jpeg)
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    file(&picture(width, height), ImageFormat::Png)
}

pub fn webp(width: u32, height: u32) -> Vec<u8> {
    file(&picture(width, height), ImageFormat::WebP)
}

/// Decodes an image file.
pub fn read(file: &[u8]) -> DynamicImage {
    image::load_from_memory(file).unwrap()
}

/// Private metadata, which must not survive an upload.
pub const SECRET: &str = "49.2827 N, 123.1207 W";

/// A JPEG with metadata: where the picture was taken and how the camera was held (Exif 2.32, tag
/// Orientation).
pub fn jpeg_with_exif(image: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new(&mut file);
    encoder.set_exif_metadata(exif(orientation)).unwrap();
    image.write_with_encoder(encoder).unwrap();
    file
}

fn exif(orientation: u8) -> Vec<u8> {
    // A little-endian TIFF with one directory of two entries: description and orientation.
    let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
    let text = u32::try_from(SECRET.len() + 1).unwrap();
    exif.extend([0x0e, 0x01, 2, 0]);
    exif.extend(text.to_le_bytes());
    exif.extend(38_u32.to_le_bytes());
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    exif.extend([0; 4]);
    exif.extend(SECRET.bytes());
    exif.push(0);
    exif
}

/// A PNG of some 70 bytes whose header claims this size.
pub fn png_of_claimed_size(width: u32, height: u32) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Eight bits per pixel, greyscale.
    header.extend([8, 0, 0, 0, 0]);
    let mut file = PNG.to_vec();
    file.extend(chunk(b"IHDR", &header));
    file.extend(chunk(b"IDAT", b"\x78\x9c\x63\x00\x00\x00\x01\x00\x01"));
    file.extend(chunk(b"IEND", b""));
    file
}

/// A PNG of one colour, without transparent parts, that was held upside down.
pub fn plain_png(width: u32, height: u32, colour: ColorType, depth: BitDepth) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_chunk(png::chunk::eXIf, &exif(3)).unwrap();
    let row = vec![0xff; width as usize * colour.samples() * depth as usize / 8];
    let mut stream = writer.stream_writer().unwrap();
    for _ in 0..height {
        stream.write_all(&row).unwrap();
    }
    stream.finish().unwrap();
    writer.finish().unwrap();
    file
}

/// The beginning of a progressive JPEG whose header claims this size.
pub fn progressive_jpeg_of_claimed_size(width: u16, height: u16) -> Vec<u8> {
    let mut file = jpeg(8, 8);
    let frame = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    file[frame + 1] = 0xc2;
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// A JPEG that repeats its only scan until it has this number of them.
pub fn jpeg_of_scans(scans: usize) -> Vec<u8> {
    let file = jpeg(8, 8);
    let scan = file.windows(2).position(|marker| marker == [0xff, 0xda]).unwrap();
    let (head, scan) = file.split_at(scan);
    let (scan, end) = scan.split_at(scan.len() - 2);
    [head, &scan.repeat(scans), end].concat()
}

/// A PNG with two frames (APNG 1.0).
pub fn animated_png() -> Vec<u8> {
    let still = png(4, 4);
    // The chunk with the number of frames and repetitions follows the signature and the header.
    let (head, rest) = still.split_at(PNG.len() + 25);
    [head, &chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), rest].concat()
}

/// A WebP with one frame that repeats for ever (RFC 9649, section 2.7).
pub fn animated_webp() -> Vec<u8> {
    let still = webp(4, 4);
    let part = |name: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [&name[..], &length, data].concat()
    };
    let size = [3, 0, 0, 3, 0, 0];
    let extended = part(b"VP8X", &[&[0b10, 0, 0, 0][..], &size].concat());
    let animation = part(b"ANIM", &[0; 6]);
    let frame = [&[0; 6][..], &size, &[100, 0, 0, 0], &still[12..]].concat();
    let parts = [&b"WEBP"[..], &extended, &animation, &part(b"ANMF", &frame)].concat();
    part(b"RIFF", &parts)
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(name);
    chunk.extend(data);
    let sum = checksum(&chunk[4..]);
    chunk.extend(sum.to_be_bytes());
    chunk
}

/// CRC-32 (ISO/IEC 3309).
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    })
}
