use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::{CollationKey, Folded, Id, Position, SortKey, SortKeyType};
use sha2::{Digest, Sha256};

use super::{ApiError, Reason};

/// The hash of a query, which ties cursors to the query.
///
/// A cursor is a position in the list and a checksum over the position and the query. The checksum
/// detects a damaged cursor and a cursor of another query. It needs no secret, because a client may
/// read on from any position anyway. The type of the sort key decides how the position is written,
/// so a cursor with a key of another type cannot be read.
#[derive(Debug, Clone)]
pub(crate) struct Fingerprint(Sha256);

/// The version of the format. It changes with the format, so that cursors of an earlier release are
/// refused.
const FORMAT: &[u8] = b"cursor 2";
const CHECKSUM: usize = 16;

impl Fingerprint {
    /// `parts` are everything that decides which resources are listed and in which order.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new_with_prefix(FORMAT);
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash)
    }

    pub(crate) fn encode<T>(&self, position: &Position<T>) -> String {
        let mut bytes = position.id.get().to_be_bytes().to_vec();
        match &position.key {
            SortKey::Missing => {}
            SortKey::Number(number) => bytes.extend(number.to_be_bytes()),
            SortKey::Text(text) => bytes.extend(text.as_str().bytes()),
            SortKey::Collated(key) => bytes.extend(key.as_bytes()),
        }
        let checksum = self.checksum(&bytes);
        bytes.extend(checksum);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(crate) fn decode<T>(
        &self,
        cursor: &str,
        key_type: SortKeyType,
    ) -> Result<Position<T>, ApiError> {
        self.read(cursor, key_type).ok_or_else(|| Reason::MalformedCursor.into())
    }

    fn read<T>(&self, cursor: &str, key_type: SortKeyType) -> Option<Position<T>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (bytes, checksum) = bytes.split_last_chunk::<CHECKSUM>()?;
        if *checksum != self.checksum(bytes) {
            return None;
        }
        let (id, key) = bytes.split_first_chunk()?;
        let key = match key_type {
            SortKeyType::OptionalNumber if key.is_empty() => SortKey::Missing,
            SortKeyType::Number | SortKeyType::OptionalNumber => {
                SortKey::Number(i64::from_be_bytes(key.try_into().ok()?))
            }
            SortKeyType::Text => SortKey::Text(read_text(key)?),
            // A key of another version of Bookshelf is refused: it stands nowhere in this order.
            SortKeyType::Collated => SortKey::Collated(CollationKey::stored(key.to_vec())?),
        };
        Some(Position { key, id: Id::new(i64::from_be_bytes(*id)) })
    }

    fn checksum(&self, bytes: &[u8]) -> [u8; CHECKSUM] {
        let digest: [u8; 32] = self.0.clone().chain_update(bytes).finalize().into();
        let mut checksum = [0; CHECKSUM];
        checksum.copy_from_slice(&digest[..CHECKSUM]);
        checksum
    }
}

/// Control characters are refused: no stored text has them, and PostgreSQL refuses U+0000 in a
/// parameter.
fn read_text(bytes: &[u8]) -> Option<Folded> {
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    (!text.contains(char::is_control)).then(|| Folded::stored(text))
}

#[cfg(test)]
mod tests {
    use bookshelf_domain::books::Book;
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = (SortKeyType, SortKey)> {
        prop_oneof![
            Just((SortKeyType::OptionalNumber, SortKey::Missing)),
            any::<i64>().prop_map(|n| (SortKeyType::OptionalNumber, SortKey::Number(n))),
            any::<i64>().prop_map(|n| (SortKeyType::Number, SortKey::Number(n))),
            "\\PC{0,40}".prop_map(|text| (SortKeyType::Text, SortKey::Text(Folded::stored(text)))),
            "\\PC{0,40}".prop_map(|text| (SortKeyType::Collated, SortKey::collated(&text))),
        ]
    }

    fn position(key: SortKey, id: i64) -> Position<Book> {
        Position { key, id: Id::new(id) }
    }

    fn decoded(
        query: &Fingerprint,
        text: &str,
        key: SortKeyType,
    ) -> Result<Position<Book>, ApiError> {
        query.decode(text, key)
    }

    proptest! {
        #[test]
        fn decoding_reverses_encoding((key_type, key) in key(), id in any::<i64>()) {
            let query = Fingerprint::of(["/books", "title", "asc", "genre", "Drama"]);
            let position = position(key, id);
            prop_assert_eq!(decoded(&query, &query.encode(&position), key_type).unwrap(), position);
        }

        #[test]
        fn an_altered_cursor_is_refused(
            id in any::<i64>(), place in any::<prop::sample::Index>(), with in "[A-Za-z0-9_=-]",
        ) {
            let query = Fingerprint::of(["/books"]);
            let cursor = query.encode(&position(SortKey::Number(7), id));
            let mut altered: Vec<char> = cursor.chars().collect();
            let place = place.index(altered.len());
            altered[place] = with.chars().next().unwrap();
            let altered: String = altered.into_iter().collect();
            prop_assume!(altered != cursor);
            prop_assert!(decoded(&query, &altered, SortKeyType::Number).is_err());
            prop_assert!(decoded(&query, &cursor[..place], SortKeyType::Number).is_err());
        }

        #[test]
        fn any_other_text_is_refused(text in any::<String>()) {
            for key_type in [
                SortKeyType::Text,
                SortKeyType::Collated,
                SortKeyType::Number,
                SortKeyType::OptionalNumber,
            ] {
                prop_assert!(decoded(&Fingerprint::of(["/books"]), &text, key_type).is_err());
            }
        }
    }

    #[test]
    fn a_cursor_of_another_query_is_refused() {
        let cursor = Fingerprint::of(["/books", "ab", "c"]).encode(&position(SortKey::Missing, 1));
        let other = Fingerprint::of(["/books", "a", "bc"]);
        let error = decoded(&other, &cursor, SortKeyType::OptionalNumber).unwrap_err();
        assert_eq!(error.reason, Reason::MalformedCursor);
    }

    #[test]
    fn a_forged_key_of_another_type_is_refused() {
        let query = Fingerprint::of(["/books"]);
        let text = |text: &str| SortKey::Text(Folded::stored(text.into()));
        for (key, read_as) in [
            (text("forged"), SortKeyType::Number),
            (text("forged"), SortKeyType::OptionalNumber),
            (SortKey::Missing, SortKeyType::Number),
            (text("with \0"), SortKeyType::Text),
            (SortKey::Number(-1), SortKeyType::Text),
            (text("forged"), SortKeyType::Collated),
            (SortKey::Missing, SortKeyType::Collated),
        ] {
            let forged = query.encode(&position(key, 1));
            assert!(decoded(&query, &forged, read_as).is_err(), "{read_as:?}");
        }
    }
}
