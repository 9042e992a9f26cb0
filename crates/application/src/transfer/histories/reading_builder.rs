use std::borrow::Cow;

use bookshelf_domain::books::BookDraft;
use bookshelf_domain::shelves::{Notes, Rating, ReadingDate, ReadingStatus, ShelfFields};
use bookshelf_domain::{Fault, FaultCode, Faults, Timestamp};
use chrono::{NaiveDate, NaiveTime};

use super::super::book_builder::{BookBuilder, CellValue, read_year};
use super::super::columns::{Field, plain_name};
use super::{html, text};

/// How much of a cell a remark quotes.
const MAX_QUOTED_CHARS: usize = 40;

/// What a row says about a book and its reading.
#[derive(Debug, Clone)]
pub struct Reading {
    pub book: BookDraft,
    pub fields: ShelfFields,
    pub added_at: Option<Timestamp>,
}

/// Builds a reading from the cells of a row, and remarks on values that cannot be kept.
#[derive(Default)]
pub(super) struct ReadingBuilder {
    book: BookBuilder,
    /// All but the notes.
    pub(super) fields: ShelfFields,
    notes: String,
    pub(super) added_at: Option<Timestamp>,
    pub(super) faults: Faults,
    remarks: Faults,
}

impl ReadingBuilder {
    /// Offers a value for a field of the book. The first valid one is taken.
    pub(super) fn book(&mut self, field: Field, text: &str) {
        self.book.offer(field, CellValue::text(text.trim().into()));
    }

    pub(super) fn year(&mut self, text: &str) {
        if read_year(text).is_some() {
            self.book(Field::Year, text);
        } else {
            self.left_out("year", text, "a year");
        }
    }

    /// Takes an ISBN from a column that may hold other identifiers too.
    pub(super) fn isbn_or_other(&mut self, text: &str) {
        let compact: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let digits = compact.strip_suffix(['x', 'X']).unwrap_or(&compact);
        if matches!(compact.len(), 10 | 13) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.book(Field::Isbn, text);
        } else {
            self.left_out("isbn", text, "an ISBN");
        }
    }

    /// Remarks on a value that is not what its column should hold, unless it is empty.
    fn left_out(&mut self, field: &str, text: &str, expected: &str) {
        if !text.trim().is_empty() {
            self.remark(field, format!("{} is not {expected} and was left out", quoted(text)));
        }
    }

    pub(super) fn remark(&mut self, field: &str, sentence: impl Into<Cow<'static, str>>) {
        self.remarks.add(field, Fault::new(FaultCode::LeftOut, sentence));
    }

    /// Takes a number of stars. 0 means no rating, and fractions are rounded half up.
    pub(super) fn rating(&mut self, text: &str) {
        let parsed = text.trim().replace(',', ".").parse::<f64>().ok();
        let Some(stars) = parsed.filter(|stars| (0.0..=5.0).contains(stars)) else {
            return self.left_out("rating", text, "a number of stars from 0 to 5");
        };
        if stars == 0.0 {
            return;
        }
        let whole = (stars + 0.5).floor().max(1.0);
        if whole != stars {
            self.remark("rating", format!("was rounded from {stars} to {whole}"));
        }
        self.fields.rating = Rating::new(whole as i64).ok();
    }

    /// Adds a text to the notes, after an empty line.
    pub(super) fn notes(&mut self, text: &str) {
        let text = text.trim().replace('\0', "");
        if text.is_empty() {
            return;
        }
        if !self.notes.is_empty() {
            self.notes.push_str("\n\n");
        }
        self.notes.push_str(&text);
    }

    pub(super) fn html_notes(&mut self, html: &str) {
        self.notes(&html::to_plain_text(html.chars()));
    }

    pub(super) fn started(&mut self, text: &str) {
        self.fields.started_on = self.date("started_on", text);
    }

    pub(super) fn finished(&mut self, text: &str) {
        self.fields.finished_on = self.date("finished_on", text);
    }

    /// Takes the last of several ranges of dates. A single date is the end of a range, unless a dash
    /// follows it.
    pub(super) fn ranges(&mut self, text: &str) {
        let mut ranges = text.split(',').filter(|range| !range.trim().is_empty());
        let Some(last) = ranges.next_back() else { return };
        if ranges.next().is_some() {
            self.remark("started_on", "keeps only the last of several readings");
        }
        match text::dates(last)[..] {
            [start, end, ..] => {
                self.fields.started_on = Some(ReadingDate::new(start));
                self.fields.finished_on = Some(ReadingDate::new(end));
            }
            [start] if last.trim_end().ends_with('-') => {
                self.fields.started_on = Some(ReadingDate::new(start));
            }
            [end] => self.fields.finished_on = Some(ReadingDate::new(end)),
            [] => self.left_out("finished_on", last, "a range of dates"),
        }
    }

    /// Takes the date on which the book was put on the shelf.
    pub(super) fn added(&mut self, text: &str) {
        if let Some(date) = self.date("added_at", text) {
            self.added_at = Some(midnight(date.get()));
        }
    }

    fn date(&mut self, field: &str, text: &str) -> Option<ReadingDate> {
        let found = text::dates(text).first().copied();
        if found.is_none() {
            self.left_out(field, text, "a date");
        }
        found.map(ReadingDate::new)
    }

    /// Takes the name that a program or a reader gives to a status. Any other name counts as `read`
    /// if the book has a date of finishing, and as `want_to_read` otherwise.
    pub(super) fn status(&mut self, name: &str) {
        self.fields.status = known_status(name).unwrap_or_else(|| {
            let status = match self.fields.finished_on {
                Some(_) => ReadingStatus::Read,
                None => ReadingStatus::WantToRead,
            };
            if !name.trim().is_empty() {
                let name = quoted(name);
                self.remark("status", format!("{name} is not a status and was taken as {status}"));
            }
            status
        });
    }

    /// The reading, or the faults of the row, and the remarks.
    pub(super) fn finish(mut self) -> (Result<Reading, Faults>, Faults) {
        if !self.faults.is_empty() {
            return (Err(self.faults), self.remarks);
        }
        if self.fields.check().is_err()
            && let Some(start) = self.fields.started_on.take()
        {
            self.remark("started_on", format!("{start} is after finished_on and was left out"));
        }
        let length = self.notes.chars().count();
        if length > Notes::MAX {
            self.notes = self.notes.chars().take(Notes::MAX).collect();
            let remark = format!("keeps the first {} of {length} characters", Notes::MAX);
            self.remark("notes", remark);
        }
        self.fields.notes = Notes::parse(&self.notes).ok();
        let book = self.book.into_draft();
        (Ok(Reading { book, fields: self.fields, added_at: self.added_at }), self.remarks)
    }
}

fn quoted(text: &str) -> String {
    let text = text.trim();
    let quoted: String = text.chars().take(MAX_QUOTED_CHARS).collect();
    let more = if quoted.len() < text.len() { "…" } else { "" };
    format!("\"{quoted}{more}\"")
}

fn midnight(date: NaiveDate) -> Timestamp {
    date.and_time(NaiveTime::MIN).and_utc()
}

/// The status that other programs and readers call by this name.
fn known_status(name: &str) -> Option<ReadingStatus> {
    Some(match plain_name(name).as_str() {
        "toread" | "wanttoread" | "wishlist" | "tbr" => ReadingStatus::WantToRead,
        "reading" | "currentlyreading" => ReadingStatus::Reading,
        "read" | "finished" => ReadingStatus::Read,
        "abandoned" | "didnotfinish" | "dnf" | "didntfinish" | "notfinished" | "unfinished"
        | "stopped" | "stoppedreading" | "gaveup" | "gaveupon" | "quit" => ReadingStatus::Abandoned,
        _ => return None,
    })
}
