use std::io::{self, Read, Write};

use bookshelf_domain::Faults;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::rows::{Rows, RowsOf};

/// The column or member that is added to a rejected row.
const ERROR: &str = "error";

/// Writes rejected rows as they were read, in the format of their file, each with its faults.
pub struct Rejects<W: Write> {
    out: W,
    has_header: bool,
}

impl<W: Write> Rejects<W> {
    pub fn new(out: W) -> Self {
        Self { out, has_header: false }
    }

    /// Writes the row that was read last.
    pub fn add<R: Read>(&mut self, rows: &Rows<R>, faults: &Faults) -> io::Result<()> {
        let error = faults.to_string();
        match &rows.0 {
            RowsOf::Csv(rows) => {
                let table = rows.table();
                if !self.has_header {
                    write_csv(&mut self.out, ERROR, table.header())?;
                    self.has_header = true;
                }
                write_csv(&mut self.out, &error, table.cells())
            }
            RowsOf::Ndjson(rows) => write_ndjson(&mut self.out, &error, rows.text()),
        }
    }

    pub fn into_inner(self) -> W {
        self.out
    }
}

/// The error comes first, because a row may have too few or too many cells.
fn write_csv<'a>(
    out: &mut impl Write,
    error: &str,
    cells: impl Iterator<Item = &'a [u8]>,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    writer.write_field(error)?;
    for cell in cells {
        writer.write_field(cell)?;
    }
    writer.write_record(None::<&[u8]>)?;
    writer.flush()
}

/// The error becomes the first member of an object. Any other text becomes a member `row` beside it.
fn write_ndjson(out: &mut impl Write, error: &str, text: &[u8]) -> io::Result<()> {
    let error = Value::from(error);
    // The members are not kept, because a row may have very many.
    let is_json = serde_json::from_slice::<IgnoredAny>(text).is_ok();
    match text.strip_prefix(b"{").filter(|_| is_json) {
        Some(rest) => {
            let is_empty = rest.trim_ascii_start().starts_with(b"}");
            write!(out, "{{\"{ERROR}\":{error}{}", if is_empty { "" } else { "," })?;
            out.write_all(rest)?;
            writeln!(out)
        }
        None => {
            let row = Value::from(String::from_utf8_lossy(text));
            writeln!(out, "{{\"{ERROR}\":{error},\"row\":{row}}}")
        }
    }
}
