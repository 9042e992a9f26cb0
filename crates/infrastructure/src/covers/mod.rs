//! Adapters of the ports of covers.

mod codec;
mod container;
mod pixels;
mod store;

pub use codec::ImageCoverCodec;
pub use store::{CoverStoreError, ObjectCoverStore};
