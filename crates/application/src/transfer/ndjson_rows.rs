use std::io::{self, BufRead, BufReader, Read};

use bookshelf_domain::Faults;
use bookshelf_domain::books::BookDraft;
use serde_json::{Map, Value};

use super::LONGEST_ROW;
use super::book_row::{BookRow, Said};
use super::columns::{Column, Field};
use super::rows::{Row, whole_row};

/// As many names of unknown members are remembered.
const MOST_UNKNOWN: usize = 100;

/// The lines of a file that have something in them.
pub(super) struct Lines<R> {
    source: R,
    /// The line read last, no more of it than may be kept.
    text: Vec<u8>,
    line: u64,
}

type Line<'a> = (u64, Result<&'a [u8], Faults>);

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, text: Vec::new(), line: 0 }
    }

    /// The number of the next line, and its text if it is not too long.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        while let Some(fits) = self.read()? {
            if self.text.trim_ascii().is_empty() {
                continue;
            }
            let too_long = || whole_row(format!("must be at most {LONGEST_ROW} bytes"));
            let text = if fits { Ok(self.text.as_slice()) } else { Err(too_long()) };
            return Ok(Some((self.line, text)));
        }
        Ok(None)
    }

    /// Whether the whole line was kept; `None` at the end of the file.
    fn read(&mut self) -> io::Result<Option<bool>> {
        self.text.clear();
        let mut limited = self.source.by_ref().take(LONGEST_ROW as u64 + 1);
        if limited.read_until(b'\n', &mut self.text)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        let fits = self.text.len() <= LONGEST_ROW;
        if !fits && !self.text.ends_with(b"\n") {
            self.source.skip_until(b'\n')?;
        }
        Ok(Some(fits))
    }
}

/// The members of the object on a line.
pub(super) fn read_object(line: &[u8]) -> Result<Map<String, Value>, Faults> {
    let Ok(text) = str::from_utf8(line) else {
        return Err(whole_row("must be UTF-8"));
    };
    serde_json::from_str(text).map_err(|error| {
        let column = error.column();
        whole_row(match error.classify() {
            serde_json::error::Category::Data => "must be a JSON object".to_owned(),
            serde_json::error::Category::Eof => "is cut short".to_owned(),
            _ => format!("must be a JSON object; what is at column {column} is no JSON"),
        })
    })
}

/// The rows of a file with a JSON object a line.
pub(super) struct NdjsonRows<R> {
    lines: Lines<BufReader<R>>,
    unknown: Vec<String>,
}

impl<R: Read> NdjsonRows<R> {
    pub(super) fn open(source: R) -> Self {
        let source = BufReader::with_capacity(64 * 1024, source);
        Self { lines: Lines::new(source), unknown: Vec::new() }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        let Some((line, text)) = self.lines.next()? else { return Ok(None) };
        let draft = text.and_then(read_object).map(|members| draft(&members, &mut self.unknown));
        Ok(Some(Row { line, draft }))
    }

    pub(super) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The line read last, as it came.
    pub(super) fn text(&self) -> &[u8] {
        self.lines.text.trim_ascii()
    }
}

fn draft(members: &Map<String, Value>, unknown: &mut Vec<String>) -> BookDraft {
    let mut known = Vec::with_capacity(members.len());
    for (name, value) in members {
        match Column::named(name) {
            Some(column) => known.push((column, value)),
            None => note(unknown, name),
        }
    }
    known.sort_by_key(|(column, _)| *column);
    let mut row = BookRow::default();
    for (column, value) in known {
        row.offer(column.field, said(column.field, value));
    }
    row.into_draft()
}

fn note(unknown: &mut Vec<String>, name: &str) {
    if unknown.len() < MOST_UNKNOWN && !unknown.iter().any(|noted| noted == name) {
        unknown.push(name.chars().take(100).collect());
    }
}

fn said(field: Field, value: &Value) -> Said<'_> {
    match (field, value) {
        (_, Value::Null) => Said::Null,
        (_, Value::String(text)) if text.trim().is_empty() => Said::Nothing,
        (_, Value::String(text)) => Said::Text(text.into()),
        // Digits that went through a floating-point number may be others now.
        (Field::Isbn, Value::Number(number)) if number.is_f64() => Said::Nothing,
        (Field::Isbn | Field::Year, Value::Number(number)) => Said::Text(number.to_string().into()),
        (Field::Author, Value::Array(names)) => {
            let names: Option<Vec<_>> = names.iter().map(Value::as_str).collect();
            names.map_or(Said::Wrong("must be text"), |names| Said::Text(names.join(", ").into()))
        }
        (Field::Year, _) => Said::Wrong("must be an integer"),
        _ => Said::Wrong("must be text"),
    }
}
