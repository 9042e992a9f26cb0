use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Chain, Cursor, Read};

use bookshelf_domain::{Fault, FaultCode, Faults};
use serde_json::{Map, Value};

use super::super::LONGEST_ROW;
use super::super::csv_records::{Ending, Records};
use super::super::formula;
use super::super::ndjson_rows::{Lines, read_object};
use super::super::rows::{RowsError, WithoutMark, whole_row, without_mark};
use super::cells::{Cells, Header, Ignored};
use super::{HistoryRow, Origin, text};

const UNKNOWN: &str = "the header row is not that of a reading history: known are the exports of \
    Goodreads, The StoryGraph, LibraryThing, Hardcover, Calibre and Bookshelf itself";

/// The rows of a reading history, read one at a time.
pub struct HistoryRows<R> {
    source: Source<R>,
    origin: Origin,
    ignored: Ignored,
}

enum Source<R> {
    Table { records: Box<Records<Whole<R>>>, header: Header },
    Objects(Lines<BufReader<Whole<R>>>),
}

/// What was read of a file to find out its shape, and the rest of it.
type Whole<R> = Chain<Cursor<Vec<u8>>, WithoutMark<R>>;

/// No header is longer.
const LONGEST_HEADER: usize = 64 * 1024;

impl<R: Read> HistoryRows<R> {
    /// Reads the beginning of a file and finds out where it comes from.
    pub fn open(source: R) -> Result<Self, RowsError> {
        let mut source = without_mark(source)?;
        let start = first_line(&mut source)?;
        let shape = Shape::of(&start);
        let source = Cursor::new(start).chain(source);
        let (source, origin) = match shape {
            Shape::Objects => {
                let lines = Lines::new(BufReader::with_capacity(64 * 1024, source));
                (Source::Objects(lines), Origin::Bookshelf)
            }
            Shape::Commas => table(Records::new(source))?,
            Shape::Tabs => table(Records::tab_separated(source))?,
        };
        Ok(Self { source, origin, ignored: Ignored::default() })
    }

    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The columns that have no place, each with the number of rows that have something there.
    pub fn ignored_columns(&self) -> &BTreeMap<String, u64> {
        self.ignored.columns()
    }

    /// The next row, or `None` at the end of the file.
    ///
    /// An error means that no more can be read; the rows before it are good.
    pub fn next_row(&mut self) -> Result<Option<HistoryRow>, RowsError> {
        let origin = self.origin;
        let (line, row) = match &mut self.source {
            Source::Table { records, header } => {
                let Some((line, ending)) = records.read()? else { return Ok(None) };
                (
                    line,
                    cells(records, header, ending).map(|row| {
                        self.ignored.count(&row, origin.takes());
                        origin.read(&row)
                    }),
                )
            }
            Source::Objects(lines) => {
                let Some((line, text)) = lines.next()? else { return Ok(None) };
                (
                    line,
                    text.and_then(read_object).and_then(|members| {
                        let (header, cells) = from_members(members)?;
                        let row = Cells { header: &header, cells };
                        self.ignored.count(&row, origin.takes());
                        Ok(origin.read(&row))
                    }),
                )
            }
        };
        let (reading, remarks) = match row {
            Ok(draft) => draft.finish(),
            Err(faults) => (Err(faults), Faults::default()),
        };
        Ok(Some(HistoryRow { line, reading, remarks }))
    }
}

/// How a file is written.
enum Shape {
    Commas,
    Tabs,
    Objects,
}

impl Shape {
    fn of(start: &[u8]) -> Self {
        let count = |line: &[u8], wanted| line.iter().filter(|byte| **byte == wanted).count();
        let line = start.trim_ascii_start().split(|byte| *byte == b'\n').next();
        match line.unwrap_or_default() {
            [b'{', ..] => Self::Objects,
            line if count(line, b'\t') > count(line, b',') => Self::Tabs,
            _ => Self::Commas,
        }
    }
}

/// Reads a file at least to the end of the first line that has something in it.
fn first_line(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    while start.len() < LONGEST_HEADER && !start.trim_ascii_start().contains(&b'\n') {
        let before = start.len();
        source.by_ref().take(4096).read_to_end(&mut start)?;
        if start.len() == before {
            break;
        }
    }
    Ok(start)
}

fn table<R: Read>(mut records: Records<Whole<R>>) -> Result<(Source<R>, Origin), RowsError> {
    match records.read()? {
        None => return Err(RowsError::Header("the file is empty: a header row is needed")),
        Some((_, Ending::Whole)) => {}
        Some(_) => return Err(RowsError::Header("the header row has no end")),
    }
    let header = Header::new(records.cells().map(|name| text::decode(name).into_owned()).collect());
    let origin = Origin::of(&header).ok_or(RowsError::Header(UNKNOWN))?;
    Ok((Source::Table { records: Box::new(records), header }, origin))
}

fn cells<'a, R: Read>(
    records: &'a Records<R>,
    header: &'a Header,
    ending: Ending,
) -> Result<Cells<'a>, Faults> {
    match ending {
        Ending::Whole => {}
        Ending::TooLong => {
            return Err(whole_row(format!("must be at most {LONGEST_ROW} bytes in 1024 columns")));
        }
        Ending::OpenQuote => {
            return Err(whole_row("has a quote that is never closed"));
        }
    }
    let (count, expected) = (records.count(), header.len());
    if count != expected {
        return Err(whole_row(format!("must have {expected} columns, not {count}")));
    }
    let cells = records.cells().map(|cell| match text::decode(cell) {
        Cow::Borrowed(text) => formula::read(text),
        Cow::Owned(text) => Cow::Owned(formula::read(&text).into_owned()),
    });
    Ok(Cells { header, cells: cells.collect() })
}

/// The members of an object as a row of their own.
fn from_members(members: Map<String, Value>) -> Result<(Header, Vec<Cow<'static, str>>), Faults> {
    let mut faults = Faults::default();
    let (names, cells) = members
        .into_iter()
        .map(|(name, value)| {
            let cell = match value {
                Value::Null => Cow::Borrowed(""),
                Value::String(text) => text.into(),
                Value::Number(number) => number.to_string().into(),
                _ => {
                    let sentence = "must be text or a number";
                    faults.add(&name, Fault::new(FaultCode::WrongType, sentence));
                    Cow::Borrowed("")
                }
            };
            (name, cell)
        })
        .unzip();
    faults.into_result()?;
    Ok((Header::new(names), cells))
}
