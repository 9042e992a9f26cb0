//! Covers: the images of books.

mod codec;
mod image;
mod name;
mod store;

#[cfg(feature = "mocks")]
pub use codec::MockCoverCodec;
pub use codec::{CoverCodec, CoverCodecError};
pub use image::{CoverFormat, CoverImages, CoverSize};
pub use name::{CoverHash, CoverName};
pub use store::CoverStore;
#[cfg(feature = "mocks")]
pub use store::MockCoverStore;
