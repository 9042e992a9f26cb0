use std::fmt;

/// The format of a stored image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoverFormat {
    /// For opaque images.
    Jpeg,
    /// For images with transparent parts.
    Png,
}

impl CoverFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Jpeg, Self::Png];

    /// Returns the media type, such as `image/png` (RFC 2046).
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The extension of file names.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// The two stored images of a cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoverSize {
    /// As large as the upload, within limits.
    Full,
    /// Small, for lists.
    Thumb,
}

impl CoverSize {
    /// Every size.
    pub const ALL: [Self; 2] = [Self::Full, Self::Thumb];
}

/// The stored images of a cover. They are encoded from pixels, so they contain nothing else of the
/// upload.
#[derive(Clone, PartialEq, Eq)]
pub struct CoverImages {
    /// The format of both images.
    pub format: CoverFormat,
    /// The image of [`CoverSize::Full`].
    pub full: Vec<u8>,
    /// The image of [`CoverSize::Thumb`].
    pub thumb: Vec<u8>,
}

impl CoverImages {
    /// The largest upload, in bytes.
    pub const MAX_UPLOAD: usize = 5 * 1024 * 1024;
    /// The largest number of pixels of an upload.
    pub const MAX_PIXELS: u64 = 40_000_000;
    /// The largest width and height of an upload, in pixels. Programs that read JPEGs refuse larger
    /// ones: libjpeg those of more than 65,500.
    pub const MAX_SIDE: u32 = 16_384;
    /// The memory that the pixels of an upload may take, together with what its decoder keeps beside
    /// them. The upload itself and the stored images come on top.
    pub const MAX_MEMORY: u64 = 153 * 1024 * 1024;
    /// The largest height of a thumbnail, in pixels.
    pub const THUMB_HEIGHT: u32 = 320;
    /// The largest stored image, in bytes. It needs a bound of its own, because a small file can
    /// become a large image.
    pub const MAX_KEPT: usize = 8 * 1024 * 1024;

    /// Returns the image of this size.
    pub fn get(&self, size: CoverSize) -> &[u8] {
        match size {
            CoverSize::Full => &self.full,
            CoverSize::Thumb => &self.thumb,
        }
    }
}

impl fmt::Debug for CoverImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (full, thumb) = (self.full.len(), self.thumb.len());
        write!(f, "CoverImages({:?}, {full} and {thumb} bytes)", self.format)
    }
}
