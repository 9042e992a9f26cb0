//! Reads the frame header of a JPEG (ITU-T T.81, section B.2.2), which tells how much memory the
//! decoder takes.

/// How the decoder goes through a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JpegFrame {
    /// Whether the decoder keeps all coefficients until the last scan: because the scans refine one
    /// another, or because each has only some of the components.
    keeps_coefficients: bool,
    /// The number of blocks of 8 × 8 samples in each unit of the image.
    blocks: u64,
    /// The width and height of a unit, in blocks.
    unit: (u64, u64),
}

impl JpegFrame {
    /// The frame that takes most memory. A file that is not built as usual is taken for it.
    const LARGEST: Self = Self { keeps_coefficients: true, blocks: 4, unit: (1, 1) };

    pub(super) fn of(file: &[u8]) -> Self {
        read(file).unwrap_or(Self::LARGEST)
    }

    /// The bytes of the coefficients that the decoder keeps.
    pub(super) fn coefficients(self, width: u32, height: u32) -> u64 {
        let (across, down) = self.unit;
        let units = |length: u32, unit: u64| u64::from(length).div_ceil(8 * unit);
        let down = if self.keeps_coefficients { units(height, down) } else { ROWS };
        units(width, across) * down * self.blocks * BLOCK_BYTES
    }
}

/// A block has 64 coefficients of 16 bits.
const BLOCK_BYTES: u64 = 128;

/// A decoder that does not keep the coefficients of the whole image has those of one row of units in
/// at most this number of forms.
const ROWS: u64 = 8;

fn read(file: &[u8]) -> Option<JpegFrame> {
    let mut at = 2;
    let mut frame = None;
    loop {
        let marker = match file.get(at..at + 2)? {
            [0xff, 0xff] => {
                at += 1;
                continue;
            }
            [0xff, marker] => *marker,
            _ => return None,
        };
        let length = usize::from(u16::from_be_bytes(file.get(at + 2..)?.first_chunk().copied()?));
        let segment = file.get(at + 4..at + 2 + length)?;
        match marker {
            // Baseline, extended sequential and progressive frames.
            0xc0..=0xc2 => frame = Some(read_frame(marker == 0xc2, segment)?),
            0xda => {
                let (mut frame, components) = frame?;
                frame.keeps_coefficients |= *segment.first()? != components;
                return Some(frame);
            }
            0xc4 | 0xdb..=0xef | 0xfe => {}
            _ => return None,
        }
        at += 2 + length;
    }
}

/// Returns the frame and the number of its components.
fn read_frame(is_progressive: bool, segment: &[u8]) -> Option<(JpegFrame, u8)> {
    let count = *segment.get(5)?;
    let factors =
        |component: &[u8; 3]| (u64::from(component[1] >> 4), u64::from(component[1] & 15));
    let components = segment.get(6..)?.as_chunks::<3>().0;
    if components.len() != usize::from(count) {
        return None;
    }
    let largest = |factor: fn((u64, u64)) -> u64| components.iter().map(factors).map(factor).max();
    let unit = (largest(|(across, _)| across)?, largest(|(_, down)| down)?);
    if unit.0 == 0 || unit.1 == 0 {
        return None;
    }
    let blocks = components.iter().map(factors).map(|(across, down)| across * down).sum();
    Some((JpegFrame { keeps_coefficients: is_progressive, blocks, unit }, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(marker: u8, factors: &[u8], scanned: u8) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, marker];
        let count = factors.len() as u8;
        file.extend([0, 8 + 3 * count, 8, 0, 64, 0, 32, count]);
        file.extend(factors.iter().zip(1..).flat_map(|(factor, id)| [id, *factor, 0]));
        file.extend([0xff, 0xda, 0, 6 + 2 * scanned, scanned]);
        file.extend(vec![0; 3 + 2 * usize::from(scanned)]);
        file
    }

    fn coefficients(marker: u8, factors: &[u8], scanned: u8) -> u64 {
        JpegFrame::of(&file(marker, factors, scanned)).coefficients(1600, 1600)
    }

    #[test]
    fn the_coefficients_of_progressive_images_are_kept() {
        let plane = 1600 * 1600 * 2;
        assert_eq!(coefficients(0xc2, &[0x11], 1), plane);
        assert_eq!(coefficients(0xc2, &[0x11, 0x11, 0x11], 3), 3 * plane);
        assert_eq!(coefficients(0xc2, &[0x22, 0x11, 0x11], 3), plane * 3 / 2);
        assert_eq!(coefficients(0xc2, &[0x21, 0x11, 0x11], 3), 2 * plane);
        // Each component has a scan of its own.
        assert_eq!(coefficients(0xc0, &[0x22, 0x11, 0x11], 1), plane * 3 / 2);
        for unusual in [&b"\xff\xd8 text \xff\xc0"[..], b"", &file(0xc0, &[0], 1)] {
            assert_eq!(JpegFrame::of(unusual).coefficients(1600, 1600), 4 * plane);
        }
        assert!(coefficients(0xc0, &[0x22, 0x11, 0x11], 3) < plane / 4);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            JpegFrame::of(&bytes).coefficients(9, 9);
            let file = [&file(0xc2, &[0x22, 0x11, 0x11], 3)[..], &bytes].concat();
            for length in 0..file.len() {
                JpegFrame::of(&file[..length]).coefficients(9, 9);
            }
        }
    }
}
