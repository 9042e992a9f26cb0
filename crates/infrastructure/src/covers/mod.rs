//! Adapters of the ports of covers.

mod bounds;
mod codec;
mod container;
mod decode;
mod faults;
mod jpeg_frame;
mod pixels;
mod store;
mod upright;
mod webp_codes;

pub use codec::ImageCoverCodec;
pub use store::{CoverStoreError, ObjectCoverStore};
