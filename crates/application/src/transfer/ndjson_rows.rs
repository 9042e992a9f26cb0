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

/// The rows of a file with a JSON object a line.
pub(super) struct NdjsonRows<R> {
    source: BufReader<R>,
    /// The line read last, no more of it than may be kept.
    text: Vec<u8>,
    line: u64,
    unknown: Vec<String>,
}

impl<R: Read> NdjsonRows<R> {
    pub(super) fn open(source: R) -> Self {
        let source = BufReader::with_capacity(64 * 1024, source);
        Self { source, text: Vec::new(), line: 0, unknown: Vec::new() }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        while let Some(fits) = self.read_line()? {
            if self.text.trim_ascii().is_empty() {
                continue;
            }
            let draft = if fits {
                self.draft()
            } else {
                Err(whole_row(format!("must be at most {LONGEST_ROW} bytes")))
            };
            return Ok(Some(Row { line: self.line, draft }));
        }
        Ok(None)
    }

    /// Whether the whole line was kept; `None` at the end of the file.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
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

    fn draft(&mut self) -> Result<BookDraft, Faults> {
        let Ok(text) = str::from_utf8(&self.text) else {
            return Err(whole_row("must be UTF-8"));
        };
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
            let column = error.column();
            whole_row(match error.classify() {
                serde_json::error::Category::Data => "must be a JSON object".to_owned(),
                serde_json::error::Category::Eof => "is cut short".to_owned(),
                _ => format!("must be a JSON object; what is at column {column} is no JSON"),
            })
        })?;
        let mut known = Vec::with_capacity(members.len());
        for (name, value) in &members {
            match Column::named(name) {
                Some(column) => known.push((column, value)),
                None => note(&mut self.unknown, name),
            }
        }
        known.sort_by_key(|(column, _)| *column);
        let mut row = BookRow::default();
        for (column, value) in known {
            row.offer(column.field, said(column.field, value));
        }
        Ok(row.into_draft())
    }

    pub(super) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The line read last, as it came.
    pub(super) fn text(&self) -> &[u8] {
        self.text.trim_ascii()
    }
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
