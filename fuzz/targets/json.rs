//! Any bytes can be the body of a book and of an entry of a shelf.
#![no_main]

use bookshelf_api::fuzzing;
use bookshelf_domain::Clock;
use bookshelf_infrastructure::system::SystemClock;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::json_body(bytes, SystemClock.now()));
