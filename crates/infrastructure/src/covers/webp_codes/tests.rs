use std::time::Duration;

use super::super::bounds::Deadline;
use super::code::SMALL_CODE;
use super::image::{ALPHABETS, GROUP};
use super::memory;

fn measured(file: &[u8], width: u32, height: u32, most: u64) -> Option<u64> {
    memory(file, width, height, most, Deadline::after(Duration::from_secs(60)))
}

/// A stream that is written bit by bit.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn add(&mut self, value: u32, count: usize) {
        for bit in 0..count {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (self.count % 8);
            self.count += 1;
        }
    }

    /// A code with one symbol.
    fn add_single(&mut self, symbol: u32) {
        self.add(0b101, 3);
        self.add(symbol, 8);
    }

    /// A code with eleven symbols, the longest of ten bits. It fills a table of 4 KiB.
    fn add_long(&mut self) {
        self.add(0, 1);
        self.add(10, 4);
        // The symbols 1 to 6 have codes of three bits, and 7 to 10 of four.
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            self.add(length, 3);
        }
        // Eleven lengths follow.
        self.add(0b0011, 4);
        self.add(11 - 2, 4);
        for length in (1..=10_u32).chain([10]) {
            let (code, count) = if length <= 6 { (length - 1, 3) } else { (length + 5, 4) };
            for bit in (0..count).rev() {
                self.add(code >> bit, 1);
            }
        }
    }

    /// A lossless WebP file of 16 × 16 pixels.
    fn file(self) -> Vec<u8> {
        let header = (15_u32 | 15 << 14).to_le_bytes();
        let chunk = [&[0x2f], &header[..], &self.bytes].concat();
        let size = u32::try_from(chunk.len()).unwrap();
        let riff = (size + 12).to_le_bytes();
        [&b"RIFF"[..], &riff, b"WEBPVP8L", &size.to_le_bytes(), &chunk].concat()
    }
}

/// A file whose only pixel of the entropy image names this group, with all groups up to it.
fn with_groups(groups: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    // No transform, no cache, and an entropy image with blocks of 4 × 4 pixels without a cache.
    bits.add(0b1_00, 3);
    bits.add(0, 3);
    bits.add(0, 1);
    let last = groups - 1;
    for symbol in [last & 0xff, last >> 8, 0, 0, 0] {
        bits.add_single(symbol);
    }
    for _ in 0..groups * 5 {
        bits.add_long();
    }
    for _ in 0..16 * 16 * 4 + 64 {
        bits.add(0, 1);
    }
    bits.file()
}

#[test]
fn the_memory_of_many_codes_is_known_before_they_are_decoded() {
    let group = GROUP + 5 * (SMALL_CODE + 4096);
    for groups in [1, 7, 300] {
        let file = with_groups(groups);
        assert_eq!(measured(&file, 16, 16, u64::MAX), Some(u64::from(groups) * group));
        // The decoder reads it likewise.
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&file)).unwrap();
        decoder.read_image(&mut [0; 16 * 16 * 3]).unwrap();
    }
    let file = with_groups(65_536);
    assert!(file.len() < 5 * 1024 * 1024);
    let most = 153 * 1024 * 1024;
    assert!(measured(&file, 16, 16, most).unwrap() > most);
}

/// A file with these transforms, whose own images have codes of a single symbol.
fn with_transforms(transforms: &[u32]) -> Vec<u8> {
    let mut bits = Bits::default();
    for transform in transforms {
        bits.add(1, 1);
        bits.add(*transform, 2);
        match transform {
            // The smallest blocks.
            0 | 1 => bits.add(0, 3),
            2 => continue,
            _ => bits.add(0, 8),
        }
        bits.add(0, 1);
        for _ in ALPHABETS {
            bits.add_single(0);
        }
    }
    // No further transform, no cache and no entropy image.
    bits.add(0, 3);
    for _ in ALPHABETS {
        bits.add_single(0);
    }
    bits.file()
}

#[test]
fn each_transform_occurs_once() {
    let all = with_transforms(&[0, 1, 2, 3]);
    assert_eq!(measured(&all, 16, 16, u64::MAX), Some(GROUP + 5 * SMALL_CODE));
    image_webp::WebPDecoder::new(std::io::Cursor::new(&all))
        .and_then(|mut decoder| decoder.read_image(&mut [0; 16 * 16 * 3]))
        .unwrap();
    for transform in 0..4 {
        for others in [&[][..], &[2, 0, 3, 1]] {
            let file = with_transforms(&[others, &[transform, transform]].concat());
            assert_eq!(measured(&file, 16, 16, u64::MAX), None, "{transform} {others:?}");
        }
    }
}

#[test]
fn nothing_is_measured_after_the_deadline() {
    let over = Deadline::after(Duration::ZERO);
    while !over.is_over() {}
    for file in [with_transforms(&[0]), with_groups(1), with_transforms(&[])] {
        assert_eq!(memory(&file, 16, 16, u64::MAX, over), None);
    }
}

#[test]
fn a_stream_that_is_cut_short_is_malformed() {
    let file = with_groups(3);
    for length in 12..file.len() - 170 {
        let cut = &file[..length];
        assert!(measured(cut, 16, 16, u64::MAX).is_none_or(|bytes| bytes == 0), "{length}");
    }
}

#[test]
fn files_without_loss_are_measured() {
    for (width, height) in [(1, 1), (60, 90), (300, 7)] {
        let image = image::DynamicImage::new_rgba8(width, height);
        let mut file = std::io::Cursor::new(Vec::new());
        image.write_to(&mut file, image::ImageFormat::WebP).unwrap();
        let memory = measured(file.get_ref(), width, height, u64::MAX).unwrap();
        assert!((GROUP..GROUP + 5 * 5000).contains(&memory), "{memory}");
    }
}
