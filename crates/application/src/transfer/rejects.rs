use std::io::{self, Read, Write};

use bookshelf_domain::Faults;
use serde_json::Value;

use super::rows::{Rows, Source};

/// The name of what is added to a rejected row.
const ERROR: &str = "error";

/// Writes rejected rows as they came, each with what was wrong with it, in the format they came in.
pub struct Rejects<W: Write> {
    out: W,
    has_header: bool,
}

impl<W: Write> Rejects<W> {
    pub fn new(out: W) -> Self {
        Self { out, has_header: false }
    }

    /// Adds the row that was read last.
    pub fn add<R: Read>(&mut self, rows: &Rows<R>, faults: &Faults) -> io::Result<()> {
        let error = faults.to_string();
        match &rows.0 {
            Source::Csv(rows) => {
                if !self.has_header {
                    write_csv(&mut self.out, ERROR, rows.header())?;
                    self.has_header = true;
                }
                write_csv(&mut self.out, &error, rows.cells())
            }
            Source::Ndjson(rows) => write_ndjson(&mut self.out, &error, rows.text()),
        }
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The error comes first, so that a row with too few or too many cells shows where they end.
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

/// The error becomes the first member of an object; of anything else an object is made.
fn write_ndjson(out: &mut impl Write, error: &str, text: &[u8]) -> io::Result<()> {
    let error = Value::from(error);
    let object = match serde_json::from_slice(text) {
        Ok(Value::Object(members)) => text.strip_prefix(b"{").map(|rest| (members, rest)),
        _ => None,
    };
    match object {
        Some((members, rest)) => {
            write!(out, "{{\"{ERROR}\":{error}{}", if members.is_empty() { "" } else { "," })?;
            out.write_all(rest)?;
            writeln!(out)
        }
        None => {
            let row = Value::from(String::from_utf8_lossy(text));
            writeln!(out, "{{\"{ERROR}\":{error},\"row\":{row}}}")
        }
    }
}
