//! Rows as pieces of a file.

use std::error::Error;

use serde::Serialize;

pub(super) type Piece = Result<Vec<u8>, Box<dyn Error + Send + Sync>>;

/// Rows of cells as CSV, after the header if there is one.
pub(super) fn csv<Row>(header: Option<&[&str]>, rows: impl Iterator<Item = Row>) -> Piece
where
    Row: IntoIterator<Item: AsRef<str>>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    if let Some(header) = header {
        writer.write_record(header)?;
    }
    for row in rows {
        for cell in row {
            writer.write_field(cell.as_ref())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// Rows as JSON objects, one on each line.
pub(super) fn ndjson(rows: impl Iterator<Item = impl Serialize>) -> Piece {
    let mut piece = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut piece, &row)?;
        piece.push(b'\n');
    }
    Ok(piece)
}
