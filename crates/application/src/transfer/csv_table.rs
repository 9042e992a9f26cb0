use std::io::{self, Read};

use bookshelf_domain::Faults;

use super::columns::listed_name;
use super::csv_records::{Ending, Records};
use super::layout::Layout;
use super::limits::{MAX_COLUMNS, MAX_ROW_BYTES};
use super::row::{RowsError, row_fault};

/// The rows of a CSV file with a header row.
pub(super) struct CsvTable<R> {
    records: Records<R>,
    header: Vec<Vec<u8>>,
}

impl<R: Read> CsvTable<R> {
    pub(super) fn open(source: R, layout: Layout) -> Result<Self, RowsError> {
        let mut records = Records::open(source, layout)?;
        match records.read()? {
            None => Err(RowsError::Header("the file is empty: a header row is needed".into())),
            Some((_, Ending::Whole)) => {
                let header = records.cells().map(<[u8]>::to_vec).collect();
                Ok(Self { records, header })
            }
            Some(_) => Err(RowsError::Header(
                "the header row has no end: it is too long, or a quote in it is never closed"
                    .into(),
            )),
        }
    }

    /// Reads the next row that is not empty. Returns the line where it starts, and a fault if it is
    /// malformed.
    pub(super) fn read(&mut self) -> io::Result<Option<(u64, Result<(), Faults>)>> {
        while let Some((line, ending)) = self.records.read()? {
            if ending != Ending::Whole || self.cells().any(|cell| !is_blank(cell)) {
                return Ok(Some((line, self.check(ending))));
            }
        }
        Ok(None)
    }

    fn check(&self, ending: Ending) -> Result<(), Faults> {
        let (count, expected) = (self.records.count(), self.header.len());
        Err(row_fault(match ending {
            // A program may leave out the last cells of a row, or add empty ones.
            Ending::Whole if self.cells().skip(expected).all(is_blank) => return Ok(()),
            Ending::Whole => format!("must have at most {expected} columns, not {count}"),
            Ending::TooLong => {
                format!("must be at most {MAX_ROW_BYTES} bytes in {MAX_COLUMNS} columns")
            }
            Ending::OpenQuote => "has a quote that is never closed: the file was cut short, or a \
                 quote is missing"
                .to_owned(),
        }))
    }

    /// Checks that every cell is text in the encoding of the file.
    pub(super) fn check_text(&self) -> Result<(), Faults> {
        for (name, cell) in self.header().zip(self.cells()) {
            if str::from_utf8(cell).is_err() {
                let name = String::from_utf8_lossy(name);
                return Err(row_fault(format!(
                    "has bytes in \"{}\" that are not text in the encoding of the file",
                    listed_name(name.trim())
                )));
            }
        }
        Ok(())
    }

    pub(super) fn header(&self) -> impl Iterator<Item = &[u8]> {
        self.header.iter().map(Vec::as_slice)
    }

    /// The cells of the row that was read last, which may be more or fewer than those of the header.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        self.records.cells()
    }

    /// A cell of the row that was read last. A missing cell is empty.
    pub(super) fn cell(&self, column: usize) -> &[u8] {
        if column < self.records.count() { self.records.cell(column) } else { b"" }
    }
}

fn is_blank(cell: &[u8]) -> bool {
    cell.trim_ascii().is_empty()
}
