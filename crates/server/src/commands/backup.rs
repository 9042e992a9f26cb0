use std::path::Path;

use crate::backups::Backups;
use crate::failure::Failure;
use crate::settings::Settings;

/// Makes a backup and returns what is in it.
pub(crate) fn create(settings: &Settings, file: &Path) -> Result<String, Failure> {
    let summary = Backups::of(settings)?.create(file)?;
    let (bytes, covers) = (summary.bytes, summary.covers);
    let mut text =
        format!("saved the database and {covers} covers in {} ({bytes} bytes)\n", file.display());
    for cover in summary.missing_covers {
        text += &format!("warning: the store does not have the cover {cover}\n");
    }
    Ok(text)
}

/// Restores a backup and returns which one it was.
pub(crate) fn restore(settings: &Settings, file: &Path) -> Result<String, Failure> {
    let info = Backups::of(settings)?.restore(file)?;
    Ok(format!("restored the backup of {}, made by version {}\n", info.created_at, info.bookshelf))
}
