use async_trait::async_trait;

use crate::Fault;
use crate::covers::CoverImages;

/// Why an upload cannot become a cover.
#[derive(Debug, thiserror::Error)]
pub enum CoverCodecError {
    /// The upload is not a JPEG, PNG or WebP image.
    #[error("the image {0}")]
    UnsupportedFormat(Fault),
    /// The upload is such an image, but it is animated, damaged or too large.
    #[error("the image {0}")]
    Unacceptable(Fault),
    /// Too many uploads are waiting.
    #[error("too many images are being read; try again later")]
    Busy,
    /// The image cannot be read or written for another reason.
    #[error("an image could not be encoded")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Makes covers from uploads.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CoverCodec: Send + Sync {
    /// Decodes an upload and encodes its pixels again.
    ///
    /// - MUST recognise the format by the content, and return `UnsupportedFormat` for anything but
    ///   JPEG, PNG and WebP.
    /// - MUST return `Unacceptable` for an image with more than [`CoverImages::MAX_PIXELS`] pixels,
    ///   with more than [`CoverImages::MAX_SIDE`] on a side, or that takes more than
    ///   [`CoverImages::MAX_MEMORY`] to decode, before it decodes them. The fault names the bound.
    /// - MUST return `Unacceptable` for an animated image and for a damaged one, in particular one
    ///   that is cut short.
    /// - MUST turn the image upright as its metadata says, and keep no other metadata and nothing
    ///   that follows the image.
    /// - MUST make the thumbnail at most [`CoverImages::THUMB_HEIGHT`] pixels high, with the same
    ///   aspect ratio, and never larger than the image.
    /// - MUST make neither image larger than [`CoverImages::MAX_KEPT`] bytes.
    /// - MUST make the same images from the same upload.
    /// - MUST return `Busy` at once when too many uploads are waiting, because they take memory.
    async fn encode(&self, upload: Vec<u8>) -> Result<CoverImages, CoverCodecError>;
}
