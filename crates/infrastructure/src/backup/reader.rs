use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use bookshelf_domain::covers::{CoverImages, CoverName, CoverSize};
use serde::de::DeserializeOwned;

use super::archive::{
    BackupInfo, DATABASE, Digesting, END, End, FORMAT, INFO, SECRET, covers_of, digest_of,
};
use super::{BackupError, HashCover, drain, read_error};

/// A part of a backup.
pub(super) enum Member<'a> {
    /// What is not read of it is skipped.
    Database(&'a mut dyn Read),
    Secret(Vec<u8>),
    Cover(CoverName, CoverImages),
}

/// Larger members than these are no part of a backup, except for the database.
const LARGEST_TEXT: u64 = 64 * 1024;
const LARGEST_IMAGE: u64 = CoverImages::MAX_KEPT as u64;

/// Reads a backup to its end and hands over its members. They are checked, except for the database:
/// its digest is known only at the end.
pub(super) fn read(
    backup: &Path,
    hash_cover: HashCover,
    take: &mut dyn FnMut(Member<'_>) -> Result<(), BackupError>,
) -> Result<BackupInfo, BackupError> {
    let file = File::open(backup).map_err(|source| read_error(backup, source))?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut reading =
        Reading { backup, hash_cover, found: End::default(), info: None, thumb: None };
    let entries = archive.entries().map_err(|source| read_error(backup, source))?;
    for entry in entries {
        let entry = entry.map_err(|error| reading.unreadable(&error))?;
        let name = entry.path().ok().and_then(|path| path.to_str().map(str::to_owned));
        let name = name.ok_or_else(|| reading.damaged("the name of a member is not text"))?;
        if reading.member(&name, entry, take)? {
            return reading.info.ok_or_else(|| damaged(backup, "it has no beginning"));
        }
    }
    Err(reading.unreadable(&io::ErrorKind::UnexpectedEof.into()))
}

/// What was found so far.
struct Reading<'a> {
    backup: &'a Path,
    hash_cover: HashCover,
    found: End,
    info: Option<BackupInfo>,
    thumb: Option<(String, Vec<u8>)>,
}

impl Reading<'_> {
    /// Reads a member and returns whether it is the last one.
    fn member(
        &mut self,
        name: &str,
        content: impl Read,
        take: &mut dyn FnMut(Member<'_>) -> Result<(), BackupError>,
    ) -> Result<bool, BackupError> {
        if self.info.is_none() {
            self.info = Some(self.read_info(name, content)?);
            return Ok(false);
        }
        match name {
            DATABASE if self.found.database.is_empty() => {
                let mut content = Digesting::new(content);
                take(Member::Database(&mut content))?;
                drain(&mut content).map_err(|error| self.unreadable(&error))?;
                self.found.database = content.finish();
            }
            SECRET if self.found.secret.is_none() => {
                let secret = self.read_whole(content, LARGEST_TEXT)?;
                self.found.secret = Some(digest_of(&secret));
                take(Member::Secret(secret))?;
            }
            END => {
                let end: End = self.parse(&self.read_whole(content, LARGEST_TEXT)?)?;
                if end != self.found {
                    return Err(self.damaged("its content does not match its digests"));
                }
                return Ok(true);
            }
            _ => {
                if let Some((name, images)) = self.read_image(name, content)? {
                    self.found.covers += 1;
                    take(Member::Cover(name, images))?;
                }
            }
        }
        Ok(false)
    }

    fn read_info(&mut self, name: &str, content: impl Read) -> Result<BackupInfo, BackupError> {
        let unknown = |why: String| BackupError::Unknown { path: self.backup.to_owned(), why };
        if name != INFO {
            return Err(unknown(format!("it does not begin with {INFO}")));
        }
        let info = self.read_whole(content, LARGEST_TEXT)?;
        let digest = digest_of(&info);
        let info: BackupInfo = self.parse(&info)?;
        if info.format != FORMAT {
            return Err(unknown(format!(
                "it has format {}, made by version {}; use that version",
                info.format, info.bookshelf
            )));
        }
        self.found.info = digest;
        Ok(info)
    }

    /// Reads an image. The thumbnail of a cover comes first, and the second image completes it.
    fn read_image(
        &mut self,
        member: &str,
        content: impl Read,
    ) -> Result<Option<(CoverName, CoverImages)>, BackupError> {
        if let Some(name) = member.strip_prefix(covers_of(CoverSize::Thumb)) {
            self.thumb = Some((name.to_owned(), self.read_whole(content, LARGEST_IMAGE)?));
            return Ok(None);
        }
        let thumb = self.thumb.take();
        let name = member.strip_prefix(covers_of(CoverSize::Full));
        let (Some(name), Some((thumb_of, thumb))) = (name, thumb) else {
            return Err(self.damaged(&format!("{member} does not belong there")));
        };
        let full = self.read_whole(content, LARGEST_IMAGE)?;
        let cover: Option<CoverName> = name.parse().ok();
        let images = cover.map(|cover| (cover, CoverImages { format: cover.format, full, thumb }));
        let matching = |(cover, images): &(CoverName, CoverImages)| {
            thumb_of == name && (self.hash_cover)(images) == cover.hash
        };
        let images = images.filter(matching);
        images.map(Some).ok_or_else(|| self.damaged(&format!("{member} is not what was saved")))
    }

    fn read_whole(&self, content: impl Read, largest: u64) -> Result<Vec<u8>, BackupError> {
        let mut bytes = Vec::new();
        let read = content.take(largest + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.unreadable(&error))?;
        if bytes.len() as u64 > largest {
            return Err(self.damaged("a member is too large"));
        }
        Ok(bytes)
    }

    fn parse<T: DeserializeOwned>(&self, json: &[u8]) -> Result<T, BackupError> {
        serde_json::from_slice(json).map_err(|error| self.damaged(&error.to_string()))
    }

    fn unreadable(&self, error: &io::Error) -> BackupError {
        match (error.kind(), &self.info) {
            (io::ErrorKind::UnexpectedEof, Some(_)) => self.damaged("it is cut short"),
            (_, None) => BackupError::Unknown {
                path: self.backup.to_owned(),
                why: "it is no tar archive".to_owned(),
            },
            _ => self.damaged(&error.to_string()),
        }
    }

    fn damaged(&self, why: &str) -> BackupError {
        damaged(self.backup, why)
    }
}

fn damaged(backup: &Path, why: &str) -> BackupError {
    BackupError::Damaged { path: backup.to_owned(), why: why.to_owned() }
}
