use super::value::Row;

/// Rows and bytes that travel together at most: what is under way has bounds, however large the
/// table.
const ROWS: usize = 1000;
const BYTES: usize = 1024 * 1024;

/// Gathers rows and gives them on in portions.
pub(super) struct Portions<'a> {
    take: &'a mut dyn FnMut(Vec<Row>) -> bool,
    rows: Vec<Row>,
    bytes: usize,
}

impl<'a> Portions<'a> {
    pub(super) fn new(take: &'a mut dyn FnMut(Vec<Row>) -> bool) -> Self {
        Self { take, rows: Vec::new(), bytes: 0 }
    }

    /// Returns whether more is wanted.
    pub(super) fn add(&mut self, row: Row) -> bool {
        self.bytes += row.size();
        self.rows.push(row);
        (self.rows.len() < ROWS && self.bytes < BYTES) || self.give()
    }

    pub(super) fn finish(mut self) {
        if !self.rows.is_empty() {
            self.give();
        }
    }

    fn give(&mut self) -> bool {
        self.bytes = 0;
        (self.take)(std::mem::take(&mut self.rows))
    }
}
