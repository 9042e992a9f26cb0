use super::super::bounds::Deadline;

/// The bits of a stream. The lowest bit of a byte comes first.
pub(super) struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
    deadline: Deadline,
}

impl<'a> Stream<'a> {
    pub(super) fn new(bytes: &'a [u8], deadline: Deadline) -> Self {
        Self { bytes, at: 0, deadline }
    }

    pub(super) fn check_time(&self) -> Option<()> {
        (!self.deadline.is_over()).then_some(())
    }

    /// Reads up to 32 bits.
    pub(super) fn read(&mut self, count: u32) -> Option<u32> {
        let bits = self.peek() & ((1 << count) - 1);
        self.skip(count as usize)?;
        u32::try_from(bits).ok()
    }

    /// At least the next 57 bits, with zeros after the end.
    pub(super) fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let bytes = rest.first_chunk::<8>().copied().unwrap_or_else(|| {
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            bytes
        });
        u64::from_le_bytes(bytes) >> (self.at % 8)
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.at += count;
        (self.at <= self.bytes.len() * 8).then_some(())
    }
}
