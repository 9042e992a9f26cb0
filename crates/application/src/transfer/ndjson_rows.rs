use std::io::{self, Read};

use bookshelf_domain::books::BookDraft;

use super::book_builder::{BookBuilder, CellValue};
use super::columns::{Column, Field, UnknownColumns};
use super::json_lines::JsonLines;
use super::members::{Member, Object};
use super::row::Row;

/// The books of a file with a JSON object on each line.
pub(super) struct NdjsonRows<R> {
    lines: JsonLines<R>,
    unknown: UnknownColumns,
}

impl<R: Read> NdjsonRows<R> {
    pub(super) fn open(source: R) -> Self {
        Self { lines: JsonLines::new(source), unknown: UnknownColumns::default() }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        let Some((line, object)) = self.lines.next()? else { return Ok(None) };
        Ok(Some(Row { line, draft: object.map(|members| self.draft(&members)) }))
    }

    fn draft(&mut self, members: &Object) -> BookDraft {
        let mut known = Vec::with_capacity(members.len());
        for (name, value) in members {
            match Column::named(name) {
                Some(column) => known.push((column, value)),
                None => self.unknown.add(name),
            }
        }
        known.sort_by_key(|(column, _)| *column);
        let mut book = BookBuilder::default();
        for (column, value) in known {
            book.offer(column.field, cell_value(column.field, value));
        }
        book.into_draft()
    }

    pub(super) fn unknown(&self) -> &[String] {
        self.unknown.names()
    }

    /// The line that was read last, as it is in the file.
    pub(super) fn text(&self) -> &[u8] {
        self.lines.text()
    }
}

fn cell_value(field: Field, value: &Member) -> CellValue<'_> {
    match (field, value) {
        (_, Member::Null) => CellValue::Null,
        (_, Member::Text(text)) => CellValue::text(text.into()),
        // Digits may have been lost in a floating-point number.
        (Field::Isbn, Member::Number(number)) if number.is_f64() => CellValue::Empty,
        (Field::Isbn | Field::Year, Member::Number(number)) => {
            CellValue::Text(number.to_string().into())
        }
        (Field::Author, Member::Names(names)) => CellValue::text(names.into()),
        (Field::Year, _) => CellValue::WrongType("must be an integer"),
        _ => CellValue::WrongType("must be text"),
    }
}
