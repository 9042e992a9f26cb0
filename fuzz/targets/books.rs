//! Any file can be read as books. The first byte chooses the format and the encoding.
#![no_main]

use bookshelf_application::transfer::{Format, Rows};
use bookshelf_domain::Clock;
use bookshelf_infrastructure::system::SystemClock;
use libfuzzer_sys::fuzz_target;

const CHARSETS: [&str; 4] = ["utf-16le", "windows-1252", "shift_jis", "gb18030"];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, file) = input;
    let format = if choice % 2 == 0 { Format::Csv } else { Format::Ndjson };
    let charset = CHARSETS.get(usize::from(choice / 2)).and_then(|name| name.parse().ok());
    let Ok(mut rows) = Rows::open(file, format, charset) else { return };
    let now = SystemClock.now();
    let mut last_line = 0;
    while let Ok(Some(row)) = rows.next_row() {
        assert!(row.line > last_line, "every row begins on a later line");
        last_line = row.line;
        if let Ok(draft) = row.draft {
            let _ = draft.into_fields(now);
        }
    }
});
