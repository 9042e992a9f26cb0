//! Any text can be read as a cursor, and a cursor leads back to its position.
#![no_main]

use bookshelf_api::benchmarks::Cursors;
use bookshelf_domain::{Id, Position, SortKey, SortKeyType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, i64, i64)| {
    let (text, id, number) = input;
    let cursors = Cursors::of(&["books", text]);
    let types = [
        SortKeyType::Number,
        SortKeyType::OptionalNumber,
        SortKeyType::Text,
        SortKeyType::Collated,
    ];
    for key_type in types {
        let _ = cursors.decode(text, key_type);
    }
    let position = Position { key: SortKey::Number(number), id: Id::new(id) };
    let cursor = cursors.encode(&position);
    assert_eq!(cursors.decode(&cursor, SortKeyType::Number), Some(position));
    assert_eq!(Cursors::of(&["another"]).decode(&cursor, SortKeyType::Number), None);
});
