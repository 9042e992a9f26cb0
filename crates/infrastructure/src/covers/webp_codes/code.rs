use super::stream::Stream;

/// The memory of a code with one or two symbols, which has no table or a very small one.
pub(super) const SMALL_CODE: u64 = 88;
/// The largest number of bits that one look into a table decodes. Longer codes have nodes of a tree.
const TABLE_BITS: usize = 10;
const NODE: u64 = 16;

const MAX_LENGTH: usize = 15;
/// The order in which the lengths of the codes of lengths are written.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// A prefix code, as canonical codes are decoded.
pub(super) struct Code {
    /// The number of symbols with each length.
    counts: [u32; MAX_LENGTH + 1],
    /// The symbols in the order of their codes. One symbol alone takes no bits.
    symbols: Vec<u32>,
    pub(super) memory: u64,
}

impl Stream<'_> {
    /// Reads the description of a code (section 3.7.2).
    pub(super) fn read_code(&mut self, alphabet: u32) -> Option<Code> {
        if self.read(1)? == 1 {
            let has_two = self.read(1)? == 1;
            let bits = if self.read(1)? == 1 { 8 } else { 1 };
            let mut symbols = vec![self.read(bits)?];
            if has_two {
                symbols.push(self.read(8)?);
            }
            let mut counts = [0; MAX_LENGTH + 1];
            counts[1] = 2;
            let is_known = symbols.iter().all(|symbol| *symbol < alphabet);
            return is_known.then_some(Code { counts, symbols, memory: SMALL_CODE });
        }
        let mut lengths = [0; ORDER.len()];
        for place in ORDER.into_iter().take(4 + self.read(4)? as usize) {
            lengths[place] = self.read(3)? as u8;
        }
        let code = Code::of(&lengths)?;
        let mut left = alphabet;
        if self.read(1)? == 1 {
            let bits = 2 + 2 * self.read(3)?;
            left = 2 + self.read(bits)?;
            if left > alphabet {
                return None;
            }
        }
        let mut lengths = Vec::with_capacity(alphabet as usize);
        let mut previous = 8;
        while left > 0 && lengths.len() < alphabet as usize {
            left -= 1;
            let (length, count) = match self.symbol(&code)? {
                16 => (previous, 3 + self.read(2)?),
                17 => (0, 3 + self.read(3)?),
                18 => (0, 11 + self.read(7)?),
                length => (length as u8, 1),
            };
            if length != 0 {
                previous = length;
            }
            lengths.resize(lengths.len() + count as usize, length);
        }
        if lengths.len() > alphabet as usize { None } else { Code::of(&lengths) }
    }

    /// Reads a symbol.
    pub(super) fn symbol(&mut self, code: &Code) -> Option<u32> {
        if let [symbol] = code.symbols[..] {
            return Some(symbol);
        }
        let bits = self.peek();
        let (mut value, mut first, mut place) = (0, 0, 0);
        for (length, count) in code.counts.iter().enumerate().skip(1) {
            value = value << 1 | (bits >> (length - 1) & 1) as u32;
            if value < first + count {
                self.skip(length)?;
                return code.symbols.get((place + value - first) as usize).copied();
            }
            place += count;
            first = (first + count) << 1;
        }
        None
    }
}

impl Code {
    /// The canonical code with these lengths, unless they leave codes without a symbol.
    fn of(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0; MAX_LENGTH + 1];
        for length in lengths.iter().filter(|length| **length > 0) {
            *counts.get_mut(usize::from(*length))? += 1;
        }
        let of_length = |wanted: usize| {
            let all = lengths.iter().zip(0..);
            all.filter(move |(length, _)| usize::from(**length) == wanted).map(|(_, symbol)| symbol)
        };
        let longest = counts.iter().rposition(|count| *count > 0)?;
        let symbols: Vec<u32> = (1..=longest).flat_map(of_length).collect();
        if symbols.len() == 1 {
            return Some(Self { counts, symbols, memory: SMALL_CODE });
        }
        let used: u64 =
            (1..=longest).map(|length| u64::from(counts[length]) << (MAX_LENGTH - length)).sum();
        if used != 1 << MAX_LENGTH {
            return None;
        }
        let in_tree: u32 = counts[TABLE_BITS + 1..].iter().sum();
        let table = 4 << longest.min(TABLE_BITS);
        let memory = SMALL_CODE + table + 2 * NODE * u64::from(in_tree);
        Some(Self { counts, symbols, memory })
    }
}
