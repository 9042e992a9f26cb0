//! The files that imports read and exports write.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use bookshelf_application::transfer;

use crate::cli::Format;
use crate::failure::Failure;

/// The name that stands for standard input or standard output.
const STANDARD: &str = "-";

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

pub(super) fn create(path: &Path) -> Result<Box<dyn Write>, Failure> {
    if path.as_os_str() == STANDARD {
        return Ok(Box::new(io::stdout()));
    }
    match File::create(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => {
            Err(Failure::because(format_args!("cannot write {}", path.display()), &error))
        }
    }
}
