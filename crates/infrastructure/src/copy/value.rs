use sha2::{Digest, Sha256};

/// What a column of a row holds, in either database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row(pub(super) Vec<Value>);

impl Value {
    /// How much memory it takes beyond its own size.
    fn len(&self) -> usize {
        match self {
            Self::Null | Self::Integer(_) => 0,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

impl Row {
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(|value| size_of::<Value>() + value.len()).sum()
    }

    /// Adds it to a digest. No two rows write the same.
    pub(super) fn digest(&self, digest: &mut Sha256) {
        for value in &self.0 {
            match value {
                Value::Null => digest.update([0]),
                Value::Integer(number) => {
                    digest.update([1]);
                    digest.update(number.to_be_bytes());
                }
                Value::Text(text) => of_length(digest, 2, text.as_bytes()),
                Value::Bytes(bytes) => of_length(digest, 3, bytes),
            }
        }
    }
}

fn of_length(digest: &mut Sha256, kind: u8, bytes: &[u8]) {
    digest.update([kind]);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}
