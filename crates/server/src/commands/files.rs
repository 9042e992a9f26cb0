//! The files that imports read and exports write.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use bookshelf_application::transfer;
use tempfile::NamedTempFile;

use crate::cli::Format;
use crate::failure::Failure;

/// The name that stands for standard input or standard output.
const STANDARD: &str = "-";

/// The permissions of a new file, from which the umask of the process is subtracted.
const NEW_FILE: u32 = 0o666;

const REPLACED: &str = "it is written to a temporary file beside it and then renamed, so its folder \
    must be writable";

const MOUNTED: &str = "the file is mounted by itself, so it cannot be replaced: mount its folder \
    instead, or write to standard output";

pub(super) fn format(given: Option<Format>, file: &Path) -> Result<transfer::Format, Failure> {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match (given, extension.to_ascii_lowercase().as_str()) {
        (Some(Format::Csv), _) | (None, "csv") => Ok(transfer::Format::Csv),
        (Some(Format::Ndjson), _) | (None, "ndjson" | "jsonl") => Ok(transfer::Format::Ndjson),
        (None, _) => Err(Failure::Usage(format!(
            "cannot tell the format of {} by its name: use --format csv or --format ndjson",
            file.display()
        ))),
    }
}

/// Opens a file; returns its length too, if that is known.
pub(super) fn open(path: &Path) -> Result<(Box<dyn Read>, Option<u64>), Failure> {
    if path.as_os_str() == STANDARD {
        return Ok((Box::new(io::stdin()), None));
    }
    let cannot = |error| Failure::because(format_args!("cannot read {}", path.display()), &error);
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Failure::Failed(format!("{} is a folder", path.display())));
    }
    Ok((Box::new(file), metadata.is_file().then_some(metadata.len())))
}

/// A file that is being written. It gets its name only when it is complete, so an interruption leaves
/// an earlier file of that name as it was. Therefore its folder must be writable.
///
/// Standard output, and files that are no regular files, such as pipes, are written directly.
pub(super) enum NewFile {
    Direct(Box<dyn Write>),
    Beside { file: NamedTempFile, path: PathBuf },
}

impl NewFile {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        if path.as_os_str() == STANDARD {
            return Ok(Self::Direct(Box::new(io::stdout())));
        }
        Self::open(path).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Failure::because(
                format_args!("cannot write {} ({REPLACED})", path.display()),
                &error,
            ),
            _ => cannot_write(path, &error),
        })
    }

    fn open(path: &Path) -> io::Result<Self> {
        let earlier = match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            metadata => Some(metadata?),
        };
        if earlier.as_ref().is_some_and(|earlier| !earlier.is_file()) {
            let file = OpenOptions::new().write(true).open(path)?;
            return Ok(Self::Direct(Box::new(file)));
        }
        // A symbolic link stays, and the file that it names is replaced.
        let path = if earlier.is_some() { path.canonicalize()? } else { path.to_owned() };
        if let Some(earlier) = &earlier
            && earlier.dev() != folder(&path).metadata()?.dev()
        {
            return Err(io::Error::other(MOUNTED));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".tmp")
            .permissions(Permissions::from_mode(NEW_FILE))
            .tempfile_in(folder(&path))?;
        if let Some(earlier) = earlier {
            // Fails if the earlier file is write-protected, which renaming would ignore.
            OpenOptions::new().write(true).open(&path)?;
            let owned = fchown(file.as_file(), Some(earlier.uid()), Some(earlier.gid()));
            // Without the group of the earlier file its permissions would go to another group.
            let kept = if owned.is_ok() { 0o777 } else { 0o707 };
            let mode = earlier.mode() & kept;
            file.as_file().set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(Self::Beside { file, path })
    }

    /// Gives the file its name, after its content is on the disk.
    pub(super) fn complete(mut self) -> io::Result<()> {
        self.flush()?;
        let Self::Beside { file, path } = self else { return Ok(()) };
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| match error.error.kind() {
            ErrorKind::ResourceBusy | ErrorKind::CrossesDevices => io::Error::other(MOUNTED),
            _ => error.error,
        })?;
        File::open(folder(&path))?.sync_all()
    }
}

/// The folder of a file. A name alone has an empty parent.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Direct(file) => file.write(bytes),
            Self::Beside { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Direct(file) => file.flush(),
            Self::Beside { file, .. } => file.flush(),
        }
    }
}

pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::because(format_args!("cannot write {}", path.display()), error)
}
