use std::io::{BufWriter, Write};

use super::files::{NewFile, cannot_write};
use super::{OPERATOR, files};
use crate::cli::ExportArgs;
use crate::failure::Failure;
use crate::services::Services;
use crate::settings::Settings;
use crate::signals::StopSignal;

/// Writes the catalogue to a file; returns the number of books.
pub(crate) async fn run(settings: &Settings, args: &ExportArgs) -> Result<usize, Failure> {
    let format = files::format(args.format, &args.file)?;
    let mut export = Services::open_current(settings, args.schema.migrate)?
        .use_cases
        .transfer()
        .export_as_operator(OPERATOR, format);
    let unwritten = |error| cannot_write(&args.file, &error);
    let mut file = BufWriter::new(NewFile::create(&args.file)?);
    let stop = StopSignal::watch()?;
    let mut count = 0;
    while let Some((piece, books)) = export
        .next_piece()
        .await
        .map_err(|error| Failure::because("cannot read the catalogue", &error))?
    {
        if stop.is_asked() {
            let file = args.file.display();
            return Err(Failure::Failed(format!("interrupted: {file} was not written")));
        }
        file.write_all(&piece).map_err(unwritten)?;
        count += books;
    }
    let file = file.into_inner().map_err(|error| unwritten(error.into_error()))?;
    file.complete().map_err(unwritten)?;
    Ok(count)
}
