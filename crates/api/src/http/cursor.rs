use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::{Position, SortKey};
use sha2::{Digest, Sha256};

use super::{ApiError, Reason};

/// What ties a cursor to the query that it belongs to.
///
/// A cursor is the position in the list and a checksum over that and the query, so that a damaged
/// one, or one of another query, is told from one that can be read on from. It keeps no secret and
/// needs none: every position is one that the client could read up to.
#[derive(Debug, Clone)]
pub(super) struct Fingerprint(Sha256);

const CHECKSUM: usize = 16;

impl Fingerprint {
    /// `parts` are all that decides which resources are listed, and in which order.
    pub(super) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash)
    }

    pub(super) fn encode(&self, position: &Position) -> String {
        let mut bytes = position.id.to_be_bytes().to_vec();
        match &position.key {
            SortKey::Missing => bytes.push(b'-'),
            SortKey::Number(number) => {
                bytes.push(b'n');
                bytes.extend(number.to_be_bytes());
            }
            SortKey::Text(text) => {
                bytes.push(b't');
                bytes.extend(text.bytes());
            }
        }
        let checksum = self.checksum(&bytes);
        bytes.extend(checksum);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(super) fn decode(&self, cursor: &str) -> Result<Position, ApiError> {
        self.read(cursor).ok_or_else(|| Reason::MalformedCursor.into())
    }

    fn read(&self, cursor: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (bytes, checksum) = bytes.split_last_chunk::<CHECKSUM>()?;
        if *checksum != self.checksum(bytes) {
            return None;
        }
        let (id, key) = bytes.split_first_chunk()?;
        let key = match key.split_first()? {
            (b'-', []) => SortKey::Missing,
            (b'n', number) => SortKey::Number(i64::from_be_bytes(number.try_into().ok()?)),
            (b't', text) => SortKey::Text(String::from_utf8(text.to_vec()).ok()?),
            _ => return None,
        };
        Some(Position { key, id: i64::from_be_bytes(*id) })
    }

    fn checksum(&self, bytes: &[u8]) -> [u8; CHECKSUM] {
        let digest: [u8; 32] = self.0.clone().chain_update(bytes).finalize().into();
        let mut checksum = [0; CHECKSUM];
        checksum.copy_from_slice(&digest[..CHECKSUM]);
        checksum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> impl Strategy<Value = SortKey> {
        prop_oneof![
            Just(SortKey::Missing),
            any::<i64>().prop_map(SortKey::Number),
            any::<String>().prop_map(SortKey::Text),
        ]
    }

    proptest! {
        #[test]
        fn a_position_survives_the_way_to_the_client(key in key(), id in any::<i64>()) {
            let query = Fingerprint::of(["/books", "title", "asc", "genre", "Drama"]);
            let position = Position { key, id };
            prop_assert_eq!(query.decode(&query.encode(&position)).unwrap(), position);
        }

        #[test]
        fn a_cursor_that_was_touched_is_refused(
            id in any::<i64>(), place in any::<prop::sample::Index>(), with in "[A-Za-z0-9_=-]",
        ) {
            let query = Fingerprint::of(["/books"]);
            let cursor = query.encode(&Position { key: SortKey::Number(7), id });
            let mut touched: Vec<char> = cursor.chars().collect();
            let place = place.index(touched.len());
            touched[place] = with.chars().next().unwrap();
            let touched: String = touched.into_iter().collect();
            prop_assume!(touched != cursor);
            prop_assert!(query.decode(&touched).is_err());
            prop_assert!(query.decode(&cursor[..place]).is_err());
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            prop_assert!(Fingerprint::of(["/books"]).decode(&text).is_err());
        }
    }

    #[test]
    fn a_cursor_of_another_query_is_refused() {
        let cursor = Fingerprint::of(["/books", "ab", "c"])
            .encode(&Position { key: SortKey::Missing, id: 1 });
        assert!(Fingerprint::of(["/books", "a", "bc"]).decode(&cursor).is_err());
        let error = Fingerprint::of(["/books"]).decode(&cursor).unwrap_err();
        assert_eq!(error.reason, Reason::MalformedCursor);
    }
}
