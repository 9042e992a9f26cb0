use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use bookshelf_domain::Faults;

use super::super::charset::Charset;
use super::super::columns::{Field, plain_name};
use super::super::csv_table::CsvTable;
use super::super::formula;
use super::super::json_lines::JsonLines;
use super::super::layout::Layout;
use super::super::members::{Member, Object};
use super::super::row::RowsError;
use super::super::source::Source;
use super::cells::{Cells, Header, IgnoredColumns};
use super::dates::DateOrder;
use super::formats::{self, Format, Origin};
use super::reading_builder::Reading;
use super::text;

const UNKNOWN: &str = "the header row is not that of a reading history: known are the exports of \
    Goodreads, The StoryGraph, LibraryThing, Hardcover, BookWyrm, Calibre and Bookshelf itself";

/// A row of a reading history.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// The line where the row starts, counted from 1.
    pub line: u64,
    /// The reading, or the faults that reject the row.
    pub reading: Result<Reading, Faults>,
    /// The values of the row that cannot be kept.
    pub remarks: Faults,
}

/// The rows of a reading history, read one at a time.
pub struct HistoryRows<R> {
    rows: RowsOf<R>,
    format: &'static Format,
    date_order: DateOrder,
    ignored: IgnoredColumns,
}

enum RowsOf<R> {
    Csv { table: Box<CsvTable<Source<R>>>, header: Header },
    Ndjson(JsonLines<Source<R>>),
}

impl<R: Read> HistoryRows<R> {
    /// Reads the start of a file and recognises its format. The encoding is that of
    /// [`Rows::open`](crate::transfer::Rows::open), except that LibraryThing writes Windows-1252.
    pub fn open(source: R, charset: Option<Charset>) -> Result<Self, RowsError> {
        let source = Source::open(source, charset)?;
        let mut date_order = DateOrder::default();
        let (rows, format) = if source.start().trim_ascii_start().starts_with(b"{") {
            source.check_encoding()?;
            (RowsOf::Ndjson(JsonLines::new(source)), &formats::OWN)
        } else {
            date_order = observed_order(source.start())?;
            open_table(source)?
        };
        Ok(Self { rows, format, date_order, ignored: IgnoredColumns::default() })
    }

    pub fn origin(&self) -> Origin {
        self.format.origin
    }

    /// The columns that are not read, each with the number of rows that have a value there.
    pub fn ignored_columns(&self) -> &BTreeMap<String, u64> {
        self.ignored.by_name()
    }

    /// The next row, or `None` at the end of the file.
    ///
    /// After an error no more can be read. The rows before it are whole.
    pub fn next_row(&mut self) -> Result<Option<HistoryRow>, RowsError> {
        let (format, order, ignored) = (self.format, self.date_order, &mut self.ignored);
        let (line, row) = match &mut self.rows {
            RowsOf::Csv { table, header } => {
                let Some((line, checked)) = table.read()? else { return Ok(None) };
                let checked = match format.origin {
                    Origin::LibraryThing => checked,
                    _ => checked.and_then(|()| table.check_text()),
                };
                let cells = || Cells { header, cells: table.cells().map(decode).collect() };
                (line, checked.map(|()| read(format, order, &cells(), ignored)))
            }
            RowsOf::Ndjson(lines) => {
                let Some((line, object)) = lines.next()? else { return Ok(None) };
                let row = object.and_then(|members| {
                    let (header, cells, unusable) = split(members);
                    let row = read(format, order, &Cells { header: &header, cells }, ignored);
                    header.refuse_read(&unusable)?;
                    Ok(row)
                });
                (line, row)
            }
        };
        let (reading, remarks) = row.unwrap_or_else(|faults| (Err(faults), Faults::default()));
        Ok(Some(HistoryRow { line, reading, remarks }))
    }
}

type Table<R> = (RowsOf<R>, &'static Format);

fn open_table<R: Read>(source: Source<R>) -> Result<Table<R>, RowsError> {
    let layout = Layout::of(source.start());
    // A table without quotes is a file of LibraryThing, which may be Windows-1252.
    if layout.has_quotes {
        source.check_encoding()?;
    }
    let table = Box::new(CsvTable::open(source, layout)?);
    let header = Header::new(table.header().map(|name| text::decode(name).into_owned()));
    let format = formats::recognise(&header).ok_or(RowsError::Header(UNKNOWN.into()))?;
    Ok((RowsOf::Csv { table, header }, format))
}

/// The order of day and month that the dates at the start of a file show.
fn observed_order(start: &[u8]) -> Result<DateOrder, RowsError> {
    let mut order = DateOrder::default();
    // The table that is imported reports the same error.
    let Ok(mut table) = CsvTable::open(start, Layout::of(start)) else { return Ok(order) };
    let is_date = |name: &[u8]| String::from_utf8_lossy(name).to_lowercase().contains("date");
    let dates: Vec<_> = table.header().map(is_date).collect();
    while let Some((_, checked)) = table.read()? {
        if checked.is_err() {
            continue;
        }
        for (cell, _) in table.cells().zip(&dates).filter(|(_, is_date)| **is_date) {
            order.observe(&String::from_utf8_lossy(cell));
        }
    }
    Ok(order)
}

fn read(
    format: &Format,
    order: DateOrder,
    row: &Cells<'_>,
    ignored: &mut IgnoredColumns,
) -> (Result<Reading, Faults>, Faults) {
    let reading = format.read(row, order);
    ignored.count(row, format.repeated);
    reading.finish()
}

fn decode(cell: &[u8]) -> Cow<'_, str> {
    match text::decode(cell) {
        Cow::Borrowed(text) => formula::restore(text),
        Cow::Owned(text) => Cow::Owned(formula::restore(&text).into_owned()),
    }
}

/// The names and the values of an object, as a header and a row of its own, and the places of the
/// values that no field can have.
fn split(members: Object) -> (Header, Vec<Cow<'static, str>>, Vec<usize>) {
    let mut unusable = Vec::new();
    let (names, cells): (Vec<_>, _) = members
        .into_iter()
        .enumerate()
        .map(|(place, (name, value))| {
            let cell = match value {
                Member::Null => Cow::Borrowed(""),
                Member::Text(text) => text.into(),
                Member::Number(number) => number.to_string().into(),
                Member::Names(names) if plain_name(&name) == Field::Author.name() => names.into(),
                // The cell is not empty, so that its column is reported if it is not read.
                Member::Names(_) | Member::Other => {
                    unusable.push(place);
                    Cow::Borrowed("?")
                }
            };
            (name, cell)
        })
        .unzip();
    (Header::new(names), cells, unusable)
}
