use std::io::{self, Read};

use bookshelf_domain::Faults;

use super::csv_records::{Ending, Records};
use super::limits::{MAX_COLUMNS, MAX_ROW_BYTES};
use super::row::{RowsError, row_fault};

/// The rows of a CSV file with a header row, each with as many cells as the header.
pub(super) struct CsvTable<R> {
    records: Records<R>,
    header: Vec<Vec<u8>>,
}

impl<R: Read> CsvTable<R> {
    pub(super) fn open(mut records: Records<R>) -> Result<Self, RowsError> {
        match records.read()? {
            None => Err(RowsError::Header("the file is empty: a header row is needed")),
            Some((_, Ending::Whole)) => {
                let header = records.cells().map(<[u8]>::to_vec).collect();
                Ok(Self { records, header })
            }
            Some(_) => Err(RowsError::Header(
                "the header row has no end: it is too long, or a quote in it is never closed",
            )),
        }
    }

    /// Reads the next row. Returns the line where it starts, and a fault if it is malformed.
    pub(super) fn read(&mut self) -> io::Result<Option<(u64, Result<(), Faults>)>> {
        let Some((line, ending)) = self.records.read()? else { return Ok(None) };
        Ok(Some((line, self.check(ending))))
    }

    fn check(&self, ending: Ending) -> Result<(), Faults> {
        let (count, expected) = (self.records.count(), self.header.len());
        Err(row_fault(match ending {
            Ending::Whole if count == expected => return Ok(()),
            Ending::Whole => format!("must have {expected} columns, not {count}"),
            Ending::TooLong => {
                format!("must be at most {MAX_ROW_BYTES} bytes in {MAX_COLUMNS} columns")
            }
            Ending::OpenQuote => "has a quote that is never closed: the file was cut short, or a \
                 quote is missing"
                .to_owned(),
        }))
    }

    pub(super) fn header(&self) -> impl Iterator<Item = &[u8]> {
        self.header.iter().map(Vec::as_slice)
    }

    /// The cells of the row that was read last. A rejected row may have more or fewer than the header.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        self.records.cells()
    }

    pub(super) fn cell(&self, column: usize) -> &[u8] {
        self.records.cell(column)
    }
}
