use std::fmt;

/// How an image is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoverFormat {
    /// For what is opaque.
    Jpeg,
    /// For what has transparent parts.
    Png,
}

impl CoverFormat {
    pub const ALL: [Self; 2] = [Self::Jpeg, Self::Png];

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// How names of files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// The two images that are kept of every cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoverSize {
    Full,
    Thumb,
}

impl CoverSize {
    pub const ALL: [Self; 2] = [Self::Full, Self::Thumb];
}

/// A cover as it is kept: written anew from pixels, so that nothing else of the upload is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct CoverImages {
    /// Of both.
    pub format: CoverFormat,
    pub full: Vec<u8>,
    pub thumb: Vec<u8>,
}

impl CoverImages {
    /// How large an upload may be, in bytes.
    pub const MAX_UPLOAD: usize = 5 * 1024 * 1024;
    /// How many pixels an upload may have.
    pub const MAX_PIXELS: u64 = 40_000_000;
    /// How high a thumbnail is at most, in pixels.
    pub const THUMB_HEIGHT: u32 = 320;
    /// How large a kept image may be, in bytes: what a small file of noise becomes has a bound too.
    pub const MAX_KEPT: usize = 8 * 1024 * 1024;

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
