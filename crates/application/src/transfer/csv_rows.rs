use std::io::{self, Read};

use bookshelf_domain::Faults;
use bookshelf_domain::books::BookDraft;

use super::book_builder::{BookBuilder, CellValue};
use super::columns::{Column, Field, UnknownColumns};
use super::csv_table::CsvTable;
use super::formula;
use super::layout::Layout;
use super::row::{Row, RowsError};
use super::source::Source;

/// The books of a CSV file with a header.
pub(super) struct CsvRows<R> {
    table: CsvTable<Source<R>>,
    /// The known columns with their places. If several hold one field, the preferred one comes first.
    columns: Vec<(Column, usize)>,
    unknown: UnknownColumns,
}

impl<R: Read> CsvRows<R> {
    pub(super) fn open(source: Source<R>) -> Result<Self, RowsError> {
        let layout = Layout::of(source.start());
        let table = CsvTable::open(source, layout)?;
        let (mut columns, mut unknown) = (Vec::new(), UnknownColumns::default());
        for (place, name) in table.header().enumerate() {
            let name = String::from_utf8_lossy(name);
            match Column::named(&name) {
                Some(column) => columns.push((column, place)),
                None => unknown.add(name.trim()),
            }
        }
        columns.sort_unstable();
        for (field, missing) in [
            (Field::Title, "the header row has no column \"title\""),
            (Field::Author, "the header row has no column \"author\""),
        ] {
            if !columns.iter().any(|(column, _)| column.field == field) {
                return Err(RowsError::Header(missing.into()));
            }
        }
        Ok(Self { table, columns, unknown })
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        let Some((line, checked)) = self.table.read()? else { return Ok(None) };
        Ok(Some(Row { line, draft: checked.and_then(|()| self.draft()) }))
    }

    fn draft(&self) -> Result<BookDraft, Faults> {
        self.table.check_text()?;
        let mut book = BookBuilder::default();
        for (column, place) in &self.columns {
            let cell = String::from_utf8_lossy(self.table.cell(*place));
            book.offer(column.field, CellValue::text(formula::restore(&cell)));
        }
        Ok(book.into_draft())
    }

    pub(super) fn unknown(&self) -> &[String] {
        self.unknown.names()
    }

    pub(super) fn table(&self) -> &CsvTable<Source<R>> {
        &self.table
    }
}
