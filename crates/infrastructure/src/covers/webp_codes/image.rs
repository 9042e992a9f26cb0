use super::stream::Stream;

/// The memory of a group of codes beside their tables. The list of groups may have twice as many places
/// as it needs.
pub(super) const GROUP: u64 = 2 * 5 * 56;

const LITERALS: u32 = 256;
const LENGTHS: u32 = 24;
/// The numbers of symbols for green with the lengths of copies, red, blue, alpha and distances.
pub(super) const ALPHABETS: [u32; 5] = [LITERALS + LENGTHS, 256, 256, 256, 40];

/// How many pixels with codes of a single symbol are skipped between two looks at the clock. They take
/// no bits, so the length of the file does not bound their number.
const PIXELS_BETWEEN_CHECKS: u32 = 65_536;

impl Stream<'_> {
    /// The memory of the codes of the image. It counts no further when they take more than `most`.
    pub(super) fn measure(&mut self, width: u32, height: u32, most: u64) -> Option<u64> {
        let mut width = width;
        let mut seen = [false; 4];
        while self.read(1)? == 1 {
            let transform = self.read(2)?;
            // Each transform may occur once (section 3.5).
            if std::mem::replace(seen.get_mut(transform as usize)?, true) {
                return None;
            }
            match transform {
                // The predictors, and the transform of colours: an image with a pixel for each block.
                0 | 1 => {
                    let bits = self.read(3)? + 2;
                    self.skip_image(blocks(width, bits), blocks(height, bits))?;
                }
                2 => {}
                // A palette. Several pixels with few colours are packed into one.
                _ => {
                    let colours = self.read(8)? + 1;
                    self.skip_image(colours, 1)?;
                    width = blocks(
                        width,
                        [3, 3, 2, 2]
                            .get(colours as usize - 1)
                            .copied()
                            .unwrap_or(u32::from(colours <= 16)),
                    );
                }
            }
        }
        let cached = self.read_cache()?;
        let mut groups = 1;
        if self.read(1)? == 1 {
            let bits = self.read(3)? + 2;
            groups = self.skip_image(blocks(width, bits), blocks(height, bits))? + 1;
        }
        let mut memory = 0;
        for _ in 0..groups {
            self.check_time()?;
            memory += GROUP;
            for (index, alphabet) in ALPHABETS.into_iter().enumerate() {
                let size = if index == 0 { alphabet + cached } else { alphabet };
                memory += self.read_code(size)?.memory;
            }
            if memory > most {
                break;
            }
        }
        Some(memory)
    }

    /// Skips an image with one group of codes. Returns the largest number that its red and green
    /// channels make together. Only literal pixels matter, because all others repeat them.
    fn skip_image(&mut self, width: u32, height: u32) -> Option<u32> {
        let cached = self.read_cache()?;
        let [green, red, blue, alpha, distance] = ALPHABETS;
        let [green, red, blue, alpha, distance] =
            [green + cached, red, blue, alpha, distance].map(|size| self.read_code(size));
        let (green, red, blue) = (green?, red?, blue?);
        let (alpha, distance) = (alpha?, distance?);
        let mut largest = 0;
        let mut left = u64::from(width) * u64::from(height);
        let mut count = 0_u32;
        while left > 0 {
            if count.is_multiple_of(PIXELS_BETWEEN_CHECKS) {
                self.check_time()?;
            }
            count = count.wrapping_add(1);
            let symbol = self.symbol(&green)?;
            let mut covered = 1;
            if symbol < LITERALS {
                largest = largest.max(self.symbol(&red)? << 8 | symbol);
                self.symbol(&blue)?;
                self.symbol(&alpha)?;
            } else if symbol < LITERALS + LENGTHS {
                covered = self.extended(symbol - LITERALS)?;
                let symbol = self.symbol(&distance)?;
                self.extended(symbol)?;
            }
            left = left.checked_sub(covered)?;
        }
        Some(largest)
    }

    /// The number of colours in the cache.
    fn read_cache(&mut self) -> Option<u32> {
        match self.read(1)? {
            0 => Some(0),
            _ => Some(self.read(4)?).filter(|bits| (1..=11).contains(bits)).map(|bits| 1 << bits),
        }
    }

    /// The length or the distance that a symbol begins.
    fn extended(&mut self, symbol: u32) -> Option<u64> {
        if symbol < 4 {
            return Some(u64::from(symbol) + 1);
        }
        let bits = (symbol - 2) >> 1;
        let offset = u64::from(2 + (symbol & 1)) << bits;
        Some(offset + u64::from(self.read(bits)?) + 1)
    }
}

/// The number of blocks of `1 << bits` pixels.
fn blocks(length: u32, bits: u32) -> u32 {
    length.div_ceil(1 << bits)
}
