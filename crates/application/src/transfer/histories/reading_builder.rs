use std::borrow::Cow;

use bookshelf_domain::books::{Author, BookDraft, Title};
use bookshelf_domain::shelves::{Notes, Rating, ReadingDate, ReadingStatus, ShelfFields};
use bookshelf_domain::{Change, Fault, FaultCode, Faults, Timestamp, shows_nothing};
use chrono::{NaiveDate, NaiveTime};

use super::super::book_builder::{BookBuilder, CellValue, isbns, read_year};
use super::super::columns::{Field, plain_name};
use super::super::limits::MAX_REMARKS;
use super::dates::{self, DateOrder};
use super::html;

/// How much of a cell a remark quotes.
const MAX_QUOTED_CHARS: usize = 40;

/// A book and its reading, as a row describes them.
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
    date_order: DateOrder,
    /// Whether the row says that the reading was started or finished, even if the day is not known.
    is_started: bool,
    is_finished: bool,
}

impl ReadingBuilder {
    pub(super) fn new(date_order: DateOrder) -> Self {
        Self { date_order, ..Self::default() }
    }

    pub(super) const fn is_started(&self) -> bool {
        self.is_started
    }

    pub(super) const fn is_finished(&self) -> bool {
        self.is_finished
    }

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
        if isbns(text).iter().any(|isbn| is_shaped_like_isbn(isbn)) {
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

    /// Adds a remark, unless the field has many already: a cell may have any number of wrong parts.
    pub(super) fn remark(&mut self, field: &str, sentence: impl Into<Cow<'static, str>>) {
        if self.remarks.by_field().get(field).is_some_and(|remarks| remarks.len() >= MAX_REMARKS) {
            return;
        }
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
        if shows_nothing(&text) {
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
        let (day, is_started) = self.date("started_on", text);
        self.fields.started_on = day;
        self.is_started = is_started;
    }

    pub(super) fn finished(&mut self, text: &str) {
        let (day, is_finished) = self.date("finished_on", text);
        self.fields.finished_on = day;
        self.is_finished = is_finished;
    }

    /// Takes the range that ends last, if it does not end before `finished_on`. The ranges are in no
    /// order. A single date is the end of a range, unless a dash follows it.
    pub(super) fn ranges(&mut self, text: &str) {
        let mut readings = Vec::new();
        for range in text.split(',').filter(|range| !range.trim().is_empty()) {
            let (start, end) = match dates::read(range, self.date_order).days[..] {
                [start, end, ..] => (Some(start), Some(end)),
                [start] if range.trim_end().ends_with('-') => (Some(start), None),
                [end] => (None, Some(end)),
                [] => {
                    self.left_out("finished_on", range, "a range of dates");
                    continue;
                }
            };
            readings.push((end.max(start), start, end, range.trim()));
        }
        readings.sort_unstable();
        let known_end = self.fields.finished_on.map(ReadingDate::get);
        if let Some((_, start, end, _)) = readings.pop_if(|(last, ..)| *last >= known_end) {
            self.fields.started_on = start.map(ReadingDate::new);
            self.fields.finished_on = end.map(ReadingDate::new);
            self.is_started |= start.is_some();
            self.is_finished |= end.is_some();
        }
        if !readings.is_empty() {
            let earlier: Vec<_> = readings.iter().map(|(.., range)| *range).collect();
            let earlier = quoted(&earlier.join(", "));
            self.remark(
                "started_on",
                format!("keeps only the last of several readings, not {earlier}"),
            );
        }
    }

    /// Takes the date on which the book was put on the shelf.
    pub(super) fn added(&mut self, text: &str) {
        if let (Some(date), _) = self.date("added_at", text) {
            self.added_at = Some(midnight(date.get()));
        }
    }

    /// The last day in a cell, and whether the cell has a date at all, even if its day is not known.
    fn date(&mut self, field: &str, text: &str) -> (Option<ReadingDate>, bool) {
        let found = dates::read(text, self.date_order);
        let last = found.days.iter().max().copied();
        if found.days.len() > 1 {
            self.remark(field, format!("keeps only the last day of {}", quoted(text)));
        } else if found.is_ambiguous {
            let why = "may be two days, because the order of day and month is not known";
            self.remark(field, format!("{} {why}, and was left out", quoted(text)));
        } else if found.is_partial {
            self.remark(field, format!("{} has no day and was left out", quoted(text)));
        } else if last.is_none() {
            self.left_out(field, text, "a date");
        }
        (last.map(ReadingDate::new), last.is_some() || found.is_ambiguous || found.is_partial)
    }

    /// Takes the name that a program or a reader gives to a status. Any other name counts as `read`
    /// if the book has a date of finishing, and as `want_to_read` otherwise.
    pub(super) fn status(&mut self, name: &str) {
        if let Some((status, meaning)) = known_status(name) {
            if meaning == Meaning::Near {
                self.remark("status", format!("{} was taken as {status}", quoted(name)));
            }
            self.fields.status = status;
            return;
        }
        let status = if self.is_finished { ReadingStatus::Read } else { ReadingStatus::WantToRead };
        if !name.trim().is_empty() {
            let name = quoted(name);
            self.remark("status", format!("{name} is not a status and was taken as {status}"));
        }
        self.fields.status = status;
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
        let mut book = self.book.into_draft();
        cut(&mut book.title, Title::MAX, "title", &mut self.remarks);
        cut(&mut book.author, Author::MAX, "author", &mut self.remarks);
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

fn is_shaped_like_isbn(text: &str) -> bool {
    let compact: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let digits = compact.strip_suffix(['x', 'X']).unwrap_or(&compact);
    matches!(compact.len(), 10 | 13) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Cuts a text that is too long for its field, with a remark.
fn cut(text: &mut Change<String>, max: usize, field: &str, remarks: &mut Faults) {
    let Change::Set(text) = text else { return };
    let length = text.trim().chars().count();
    if length > max {
        let kept: String = text.trim().chars().take(max).collect();
        *text = kept;
        let sentence = format!("keeps the first {max} of {length} characters");
        remarks.add(field, Fault::new(FaultCode::LeftOut, sentence));
    }
}

/// How well a status of another program fits one of Bookshelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Same,
    /// Bookshelf has no such status, and takes the nearest one.
    Near,
}

/// The status that other programs and readers call by this name.
pub(super) fn known_status(name: &str) -> Option<(ReadingStatus, Meaning)> {
    Some(match plain_name(name).as_str() {
        "toread" | "wanttoread" | "wishlist" | "tbr" => (ReadingStatus::WantToRead, Meaning::Same),
        "reading" | "currentlyreading" | "rereading" => (ReadingStatus::Reading, Meaning::Same),
        "read" | "finished" | "completed" => (ReadingStatus::Read, Meaning::Same),
        "abandoned" | "didnotfinish" | "dnf" | "didntfinish" | "notfinished" | "unfinished"
        | "stopped" | "stoppedreading" | "gaveup" | "gaveupon" | "quit" => {
            (ReadingStatus::Abandoned, Meaning::Same)
        }
        "paused" | "onhold" | "onpause" | "onhiatus" => (ReadingStatus::Reading, Meaning::Near),
        "ignored" | "notinterested" | "skipped" | "wontread" => {
            (ReadingStatus::Abandoned, Meaning::Near)
        }
        _ => return None,
    })
}
