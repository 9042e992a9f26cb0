//! The sentences in which an upload is refused.

use std::io;

use bookshelf_domain::covers::{CoverCodecError, CoverImages};
use bookshelf_domain::{Fault, FaultCode};
use image::ImageError;

pub(super) fn unacceptable(sentence: impl Into<String>) -> CoverCodecError {
    CoverCodecError::Unacceptable(Fault::new(FaultCode::Unreadable, sentence.into()))
}

pub(super) fn animated() -> CoverCodecError {
    unacceptable("must not be animated")
}

pub(super) fn too_detailed(why: &str) -> CoverCodecError {
    let most = CoverImages::MAX_KEPT / MIB;
    unacceptable(format!("has too much detail {why}: it takes more than {most} MiB to keep"))
}

pub(super) fn too_much_memory(needed: u64) -> CoverCodecError {
    let (needed, most) = (needed.div_ceil(MIB as u64), CoverImages::MAX_MEMORY / MIB as u64);
    unacceptable(format!(
        "takes {needed} MiB of memory to read, and at most {most} MiB are allowed: make it smaller"
    ))
}

pub(super) fn too_many_scans(scans: usize, most: usize) -> CoverCodecError {
    unacceptable(format!(
        "is a JPEG of {scans} scans, and at most {most} are allowed: save it without \
         progressive loading"
    ))
}

pub(super) fn cut_short() -> CoverCodecError {
    unacceptable("is cut short")
}

pub(super) fn damaged(error: &ImageError) -> CoverCodecError {
    match error {
        ImageError::Limits(_) => metadata_too_large(),
        ImageError::IoError(error) => unreadable(error),
        ImageError::Unsupported(_) => unsupported(),
        _ => unacceptable("is damaged"),
    }
}

pub(super) fn damaged_png(error: &png::DecodingError) -> CoverCodecError {
    match error {
        png::DecodingError::LimitsExceeded => metadata_too_large(),
        png::DecodingError::IoError(error) => unreadable(error),
        _ => unacceptable("is damaged"),
    }
}

pub(super) fn damaged_webp(error: &image_webp::DecodingError) -> CoverCodecError {
    match error {
        image_webp::DecodingError::MemoryLimitExceeded => metadata_too_large(),
        image_webp::DecodingError::IoError(error) => unreadable(error),
        image_webp::DecodingError::UnsupportedFeature(_) => unsupported(),
        _ => unacceptable("is damaged"),
    }
}

const MIB: usize = 1024 * 1024;

fn unreadable(error: &io::Error) -> CoverCodecError {
    match error.kind() {
        io::ErrorKind::TimedOut => unacceptable("takes too long to read"),
        _ => unacceptable("is damaged"),
    }
}

fn unsupported() -> CoverCodecError {
    unacceptable("is of a kind that cannot be read")
}

fn metadata_too_large() -> CoverCodecError {
    unacceptable("has metadata that take too much memory to read")
}
