//! Any file can be uploaded as a cover, and an image that the server stores is one that it accepts.
#![no_main]

use std::sync::LazyLock;

use bookshelf_domain::covers::CoverCodec;
use bookshelf_infrastructure::covers::ImageCoverCodec;
use futures_executor::block_on;
use libfuzzer_sys::fuzz_target;

static CODEC: LazyLock<ImageCoverCodec> = LazyLock::new(|| ImageCoverCodec::new().unwrap());

fuzz_target!(|file: Vec<u8>| {
    if let Ok(images) = block_on(CODEC.encode(file)) {
        let again = block_on(CODEC.encode(images.full));
        assert!(again.is_ok(), "the stored image is refused: {again:?}");
    }
});
