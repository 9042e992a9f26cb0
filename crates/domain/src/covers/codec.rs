use async_trait::async_trait;

use crate::covers::CoverImages;
use crate::{Fault, StoreError};

/// Why there is no cover in an upload.
#[derive(Debug, thiserror::Error)]
pub enum CoverCodecError {
    /// It is something else than a JPEG, PNG or WebP image.
    #[error("it {0}")]
    Foreign(Fault),
    /// It is such an image, but not one to keep.
    #[error("it {0}")]
    Unfit(Fault),
    /// As many images as can be are waiting already.
    #[error("too many images are being read")]
    Busy,
    #[error(transparent)]
    Unexpected(Box<dyn std::error::Error + Send + Sync>),
}

impl From<CoverCodecError> for StoreError {
    fn from(error: CoverCodecError) -> Self {
        match error {
            CoverCodecError::Unexpected(source) => Self::Unexpected(source),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// Makes covers of what somebody sent.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CoverCodec: Send + Sync {
    /// Reads an upload and writes its pixels anew.
    ///
    /// - MUST tell the type by content: JPEG, PNG and WebP, or `Foreign`.
    /// - MUST return `Unfit` for what has more than [`CoverImages::MAX_PIXELS`] pixels, before they
    ///   are decoded; for what is animated; and for what is damaged, cut short above all.
    /// - MUST turn the image the right way up, as its metadata say, and keep nothing else of them,
    ///   nor of what follows the image.
    /// - MUST make the thumbnail at most [`CoverImages::THUMB_HEIGHT`] pixels high, of the same
    ///   shape, and never larger than the image; neither with more than
    ///   [`CoverImages::MAX_KEPT`] bytes.
    /// - MUST make the same images of the same upload.
    /// - MUST return `Busy` at once, rather than let uploads pile up in memory.
    async fn encode(&self, upload: Vec<u8>) -> Result<CoverImages, CoverCodecError>;
}
