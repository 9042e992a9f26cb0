//! The members of a backup.

use std::io::{self, Read};

use bookshelf_domain::Timestamp;
use bookshelf_domain::covers::CoverSize;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the format. It changes when an earlier program could not read a backup any more.
pub(super) const FORMAT: u32 = 1;

pub(super) const INFO: &str = "bookshelf-backup.json";
pub(super) const DATABASE: &str = "bookshelf.db";
pub(super) const SECRET: &str = "jwt-secret";
pub(super) const END: &str = "end.json";

/// The folder of the images of this size.
pub(super) const fn covers_of(size: CoverSize) -> &'static str {
    match size {
        CoverSize::Thumb => "covers/thumb/",
        CoverSize::Full => "covers/full/",
    }
}

/// The first member: what made the backup, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupInfo {
    /// The version of the format.
    pub format: u32,
    /// The version of the program.
    pub bookshelf: String,
    pub created_at: Timestamp,
}

/// The last member. Digests are SHA-256 in hexadecimal.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) info: String,
    pub(super) database: String,
    /// `None` if the server has no secret of its own.
    pub(super) secret: Option<String>,
    pub(super) covers: u64,
}

pub(super) fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn digest_of(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new_with_prefix(bytes))
}

/// Computes the digest of what is read.
pub(super) struct Digesting<R> {
    source: R,
    digest: Sha256,
}

impl<R: Read> Digesting<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, digest: Sha256::new() }
    }

    pub(super) fn finish(self) -> String {
        hexadecimal(self.digest)
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.digest.update(&buffer[..length]);
        Ok(length)
    }
}
