use std::io::{BufWriter, Write};

use super::{OPERATOR, files};
use crate::cli::ExportArgs;
use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;

/// Writes the catalogue to a file; returns the number of books.
pub(crate) async fn run(settings: &Settings, args: &ExportArgs) -> Result<usize, Failure> {
    let format = files::format(args.format, &args.file)?;
    let mut export = Services::open_migrated(settings)?
        .use_cases
        .transfer()
        .export_as_operator(OPERATOR, format);
    let cannot_write =
        |error| Failure::because(format_args!("cannot write {}", args.file.display()), &error);
    let mut file = BufWriter::new(files::create(&args.file)?);
    let mut count = 0;
    while let Some((piece, books)) = export
        .next_piece()
        .await
        .map_err(|error| Failure::because("cannot read the catalogue", &error))?
    {
        file.write_all(&piece).map_err(cannot_write)?;
        count += books;
    }
    file.flush().map_err(cannot_write)?;
    Ok(count)
}
