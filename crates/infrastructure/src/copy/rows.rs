use std::mem;

use sha2::{Digest, Sha256};

/// Bounds of a batch of rows. So a copy takes little memory, however large the tables are.
const BATCH_ROWS: usize = 1000;
const BATCH_BYTES: usize = 1024 * 1024;

/// A value of either database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    pub(crate) const fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    fn bytes(&self) -> usize {
        let bytes = |value: &Value| match value {
            Value::Null | Value::Integer(_) => 0,
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
        };
        self.0.iter().map(|value| size_of::<Value>() + bytes(value)).sum()
    }

    /// Adds the row to a digest, each value with its type and length, so that different rows never
    /// add the same bytes.
    pub(super) fn digest(&self, digest: &mut Sha256) {
        let mut add = |kind: u8, bytes: &[u8]| {
            digest.update([kind]);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        for value in &self.0 {
            match value {
                Value::Null => add(0, &[]),
                Value::Integer(number) => add(1, &number.to_be_bytes()),
                Value::Text(text) => add(2, text.as_bytes()),
                Value::Bytes(bytes) => add(3, bytes),
            }
        }
    }
}

/// Collects the rows of a query into batches, and hands these over.
pub(super) struct Batches<'a> {
    /// Returns whether more rows are wanted.
    take: &'a mut dyn FnMut(Vec<Row>) -> bool,
    rows: Vec<Row>,
    bytes: usize,
}

impl<'a> Batches<'a> {
    pub(super) fn new(take: &'a mut dyn FnMut(Vec<Row>) -> bool) -> Self {
        Self { take, rows: Vec::new(), bytes: 0 }
    }

    /// Returns whether more rows are wanted.
    pub(super) fn add(&mut self, row: Row) -> bool {
        self.bytes += row.bytes();
        self.rows.push(row);
        (self.rows.len() < BATCH_ROWS && self.bytes < BATCH_BYTES) || self.hand_over()
    }

    pub(super) fn finish(mut self) {
        if !self.rows.is_empty() {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) -> bool {
        self.bytes = 0;
        (self.take)(mem::take(&mut self.rows))
    }
}
