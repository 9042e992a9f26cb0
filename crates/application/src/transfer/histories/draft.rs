use bookshelf_domain::shelves::{Notes, Rating, ReadingDate, ReadingStatus};
use bookshelf_domain::{Faults, Timestamp};
use chrono::{NaiveDate, NaiveTime};

use super::super::book_row::{BookRow, Said, read_year};
use super::super::columns::Field;
use super::{Reading, html, text};

/// As long as [`Notes`] may be.
const LONGEST_NOTES: usize = 10_000;

/// Gathers a reading from the cells of a row, and remarks on what it has to leave out.
#[derive(Default)]
pub(super) struct Draft {
    book: BookRow,
    status: Option<ReadingStatus>,
    rating: Option<Rating>,
    notes: String,
    started_on: Option<ReadingDate>,
    finished_on: Option<ReadingDate>,
    added_at: Option<Timestamp>,
    /// What makes the row useless.
    faults: Faults,
    remarks: Faults,
}

impl Draft {
    /// Adds to what is known of the book; of several offers for a field the first good one counts.
    pub(super) fn book(&mut self, field: Field, text: &str) {
        let text = text.trim();
        let said = if text.is_empty() { Said::Nothing } else { Said::Text(text.into()) };
        self.book.offer(field, said);
    }

    /// The year of the book, if the text is one.
    pub(super) fn year(&mut self, text: &str) {
        match read_year(text) {
            Some(_) => self.book(Field::Year, text),
            None if text.trim().is_empty() => {}
            None => {
                self.remark("year", format!("\"{}\" is no year, and was left out", short(text)));
            }
        }
    }

    /// An ISBN from a column that may hold something else too.
    pub(super) fn isbn_or_other(&mut self, text: &str) {
        let text = text.trim();
        let compact: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let digits = compact.strip_suffix(['x', 'X']).unwrap_or(&compact);
        if matches!(compact.len(), 10 | 13) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.book(Field::Isbn, text);
        } else if !text.is_empty() {
            self.remark("isbn", format!("\"{}\" is no ISBN, and was left out", short(text)));
        }
    }

    pub(super) fn remark(&mut self, field: &str, sentence: impl Into<String>) {
        self.remarks.add(field, sentence);
    }

    pub(super) fn fault(&mut self, field: &str, sentence: impl Into<String>) {
        self.faults.add(field, sentence);
    }

    /// Stars, of which 0 are none; parts of one are rounded half up.
    pub(super) fn rating(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let Some(stars) =
            text.replace(',', ".").parse().ok().filter(|stars| (0.0..=5.0).contains(stars))
        else {
            return self.remark(
                "rating",
                format!("\"{}\" is not 0 to 5 stars, and was left out", short(text)),
            );
        };
        let stars: f64 = stars;
        if stars == 0.0 {
            return;
        }
        let whole = (stars + 0.5).floor().max(1.0);
        if whole != stars {
            self.remark("rating", format!("was rounded from {stars} to {whole}"));
        }
        self.rating = Rating::new(whole as i64).ok();
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
        self.started_on = self.day("started_on", text);
    }

    pub(super) fn finished(&mut self, text: &str) {
        self.finished_on = self.day("finished_on", text);
    }

    /// The last of several ranges of days; a single day is the end of one.
    pub(super) fn ranges(&mut self, text: &str) {
        let mut ranges = text.split(',').filter(|range| !range.trim().is_empty());
        let Some(last) = ranges.next_back() else { return };
        if ranges.next().is_some() {
            self.remark("started_on", "has no place for earlier readings: only the last is kept");
        }
        match text::days(last)[..] {
            [start, end, ..] => {
                self.started_on = Some(ReadingDate::new(start));
                self.finished_on = Some(ReadingDate::new(end));
            }
            [start] if last.trim_end().ends_with('-') => {
                self.started_on = Some(ReadingDate::new(start));
            }
            [end] => self.finished_on = Some(ReadingDate::new(end)),
            [] => self.remark(
                "finished_on",
                format!("\"{}\" is no range of days, and was left out", short(last)),
            ),
        }
    }

    /// The day on which the book was put on the shelf.
    pub(super) fn added(&mut self, text: &str) {
        if let Some(day) = self.day("added_at", text) {
            self.added_at = Some(midnight(day.get()));
        }
    }

    fn day(&mut self, field: &str, text: &str) -> Option<ReadingDate> {
        let found = text::days(text).first().copied();
        if found.is_none() && !text.trim().is_empty() {
            self.remark(field, format!("\"{}\" is no day, and was left out", short(text)));
        }
        found.map(ReadingDate::new)
    }

    pub(super) fn has_finished(&self) -> bool {
        self.finished_on.is_some()
    }

    pub(super) fn has_started(&self) -> bool {
        self.started_on.is_some()
    }

    /// The status by the name that a site or a reader gives it; a name that says nothing is taken by
    /// the day on which the book was finished.
    pub(super) fn status(&mut self, name: &str) {
        let name = name.trim();
        self.status = known_status(name);
        if self.status.is_some() {
            return;
        }
        let guess =
            if self.has_finished() { ReadingStatus::Read } else { ReadingStatus::WantToRead };
        if !name.is_empty() {
            self.remark(
                "status",
                format!("\"{}\" is no status: it was taken as {guess}", short(name)),
            );
        }
        self.status = Some(guess);
    }

    pub(super) fn set_status(&mut self, status: ReadingStatus) {
        self.status = Some(status);
    }

    pub(super) fn set_started(&mut self, day: ReadingDate) {
        self.started_on = Some(day);
    }

    pub(super) fn set_finished(&mut self, day: ReadingDate) {
        self.finished_on = Some(day);
    }

    pub(super) fn set_rating(&mut self, rating: Rating) {
        self.rating = Some(rating);
    }

    pub(super) fn set_added(&mut self, at: Timestamp) {
        self.added_at = Some(at);
    }

    /// The reading, or why there is none, and the remarks.
    pub(super) fn finish(mut self) -> (Result<Reading, Faults>, Faults) {
        if let (Some(start), Some(end)) = (self.started_on, self.finished_on)
            && end < start
        {
            self.started_on = None;
            self.remarks.add("started_on", format!("{start} is after the end, and was left out"));
        }
        let length = self.notes.chars().count();
        if length > LONGEST_NOTES {
            self.notes = self.notes.chars().take(LONGEST_NOTES).collect();
            let kept = format!("keeps the first {LONGEST_NOTES} of {length} characters");
            self.remarks.add("notes", kept);
        }
        let reading = Reading {
            book: self.book.into_draft(),
            status: self.status.unwrap_or_default(),
            rating: self.rating,
            notes: Notes::parse(&self.notes).ok(),
            started_on: self.started_on,
            finished_on: self.finished_on,
            added_at: self.added_at,
        };
        (self.faults.into_result().map(|()| reading), self.remarks)
    }
}

/// As much of a cell is repeated in a remark.
fn short(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// What sites and readers call the statuses.
fn known_status(name: &str) -> Option<ReadingStatus> {
    Some(match super::cells::plain(name).as_str() {
        "toread" | "wanttoread" | "wishlist" | "tbr" => ReadingStatus::WantToRead,
        "reading" | "currentlyreading" => ReadingStatus::Reading,
        "read" | "finished" => ReadingStatus::Read,
        "abandoned" | "didnotfinish" | "dnf" | "didntfinish" | "notfinished" | "unfinished"
        | "stopped" | "stoppedreading" | "gaveup" | "gaveupon" | "quit" => ReadingStatus::Abandoned,
        _ => return None,
    })
}
