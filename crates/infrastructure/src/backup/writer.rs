use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use bookshelf_domain::Timestamp;
use bookshelf_domain::covers::{CoverName, CoverSize};
use tar::{Builder, EntryType, Header};

use super::archive::{
    BackupInfo, DATABASE, Digesting, END, End, FORMAT, INFO, SECRET, covers_of, digest_of,
};
use super::{BackupError, ReadCover, create_private, read_error};

/// Writes a backup to the disk, and returns the covers that the store does not have.
pub(super) fn write(
    backup: &Path,
    database: &Path,
    secret: &Path,
    covers: &[CoverName],
    now: Timestamp,
    read_cover: ReadCover<'_>,
) -> Result<Vec<CoverName>, BackupError> {
    let unwritable = |source| BackupError::Write { path: backup.to_owned(), source };
    let file = create_private(backup)?;
    let mut archive = Archive { tar: Builder::new(BufWriter::new(file)), now };
    let mut end = End::default();
    let info = BackupInfo {
        format: FORMAT,
        bookshelf: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: now,
    };
    let info = serde_json::to_vec(&info).map_err(|error| unwritable(error.into()))?;
    end.info = digest_of(&info);
    archive.add(INFO, &info).map_err(unwritable)?;
    let copied = File::open(database).map_err(|source| read_error(database, source))?;
    end.database = archive.add_file(DATABASE, copied).map_err(unwritable)?;
    match fs::read(secret) {
        Ok(secret) => {
            end.secret = Some(digest_of(&secret));
            archive.add(SECRET, &secret).map_err(unwritable)?;
        }
        // The settings have a secret or keys.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(source) => return Err(read_error(secret, source)),
    }
    let mut missing = Vec::new();
    for cover in covers {
        let mut read = |size| read_cover(*cover, size).map_err(BackupError::Covers);
        let (Some(thumb), Some(full)) = (read(CoverSize::Thumb)?, read(CoverSize::Full)?) else {
            missing.push(*cover);
            continue;
        };
        for (size, image) in [(CoverSize::Thumb, thumb), (CoverSize::Full, full)] {
            archive.add(&format!("{}{cover}", covers_of(size)), &image).map_err(unwritable)?;
        }
        end.covers += 1;
    }
    let end = serde_json::to_vec(&end).map_err(|error| unwritable(error.into()))?;
    archive.add(END, &end).and_then(|()| archive.finish()).map_err(unwritable)?;
    Ok(missing)
}

struct Archive {
    tar: Builder<BufWriter<File>>,
    now: Timestamp,
}

impl Archive {
    fn add(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.append(name, content.len() as u64, content)
    }

    /// Adds a file and returns its digest.
    fn add_file(&mut self, name: &str, file: File) -> io::Result<String> {
        let length = file.metadata()?.len();
        let mut content = Digesting::new(file);
        self.append(name, length, &mut content)?;
        Ok(content.finish())
    }

    fn append(&mut self, name: &str, length: u64, content: impl Read) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(self.now.timestamp().try_into().unwrap_or_default());
        self.tar.append_data(&mut header, name, content)
    }

    fn finish(self) -> io::Result<()> {
        let mut file = self.tar.into_inner()?;
        file.flush()?;
        file.get_ref().sync_all()
    }
}
