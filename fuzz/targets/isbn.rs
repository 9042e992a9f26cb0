//! Any text can be read as an ISBN, and an ISBN that was read is read again as itself.
#![no_main]

use bookshelf_domain::books::Isbn;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(isbn) = Isbn::parse(text) {
        assert_eq!(Isbn::parse(isbn.as_str()).ok(), Some(isbn));
    }
});
