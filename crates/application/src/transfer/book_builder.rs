use std::borrow::Cow;

use bookshelf_domain::books::{BookDraft, Isbn};
use bookshelf_domain::{Change, Fault, FaultCode, shows_nothing};

use super::columns::Field;

/// The value of one column in a row.
pub(super) enum CellValue<'a> {
    /// The row has no value for the field.
    Empty,
    /// The row clears the field.
    Null,
    Text(Cow<'a, str>),
    /// A value of the wrong type, with the fault to report.
    WrongType(&'static str),
}

impl<'a> CellValue<'a> {
    pub(super) fn text(text: Cow<'a, str>) -> Self {
        if shows_nothing(&text) { Self::Empty } else { Self::Text(text) }
    }
}

/// Builds the draft of a book from the cells of a row. If several cells hold one field, the caller
/// offers the preferred one first.
#[derive(Default)]
pub(super) struct BookBuilder {
    draft: BookDraft,
    isbn_is_valid: bool,
}

impl BookBuilder {
    pub(super) fn into_draft(self) -> BookDraft {
        self.draft
    }

    pub(super) fn offer(&mut self, field: Field, value: CellValue<'_>) {
        match value {
            CellValue::Empty => {}
            CellValue::Null => self.clear(field),
            CellValue::Text(text) => self.offer_text(field, &text),
            CellValue::WrongType(sentence) => {
                self.draft.faults.add(field.name(), Fault::new(FaultCode::WrongType, sentence));
            }
        }
    }

    /// The ISBN is never cleared, because rows are matched to books by it.
    fn clear(&mut self, field: Field) {
        match field {
            Field::Title => clear(&mut self.draft.title),
            Field::Author => clear(&mut self.draft.author),
            Field::Isbn => {}
            Field::Genre => clear(&mut self.draft.genre),
            Field::Year => clear(&mut self.draft.year),
            Field::Description => clear(&mut self.draft.description),
        }
    }

    fn offer_text(&mut self, field: Field, text: &str) {
        match field {
            Field::Title => set_first(&mut self.draft.title, text),
            Field::Author => set_first(&mut self.draft.author, text),
            Field::Isbn => self.offer_isbn(text),
            Field::Genre => set_first(&mut self.draft.genre, text),
            Field::Year => self.offer_year(text),
            Field::Description => set_first(&mut self.draft.description, text),
        }
    }

    /// Takes the first valid ISBN. If there is none, the first invalid one stays, so that the rules of the
    /// draft reject the row.
    fn offer_isbn(&mut self, text: &str) {
        for isbn in isbns(text) {
            if self.isbn_is_valid {
                return;
            }
            self.isbn_is_valid = Isbn::parse(&isbn).is_ok();
            if self.isbn_is_valid || self.draft.isbn == Change::Keep {
                self.draft.isbn = Change::Set(isbn);
            }
        }
    }

    fn offer_year(&mut self, text: &str) {
        if matches!(self.draft.year, Change::Set(_)) {
            return;
        }
        match read_year(text) {
            Some(year) => self.draft.year = Change::Set(year),
            None => {
                let fault = Fault::new(FaultCode::WrongType, "must be an integer");
                self.draft.faults.add(Field::Year.name(), fault);
            }
        }
    }
}

fn set_first(slot: &mut Change<String>, text: &str) {
    if !matches!(slot, Change::Set(_)) {
        *slot = Change::Set(text.to_owned());
    }
}

fn clear<T: PartialEq>(slot: &mut Change<T>) {
    if *slot == Change::Keep {
        *slot = Change::Clear;
    }
}

/// The ISBNs in a cell such as `9780306406157, 0306406152` or `0132350882 (pbk.)`, those of 13 digits
/// first and invalid ones last.
pub(super) fn isbns(text: &str) -> Vec<String> {
    // A decimal comma does not separate two numbers.
    if is_exponent_form(text.trim().trim_start_matches('\'')) {
        return Vec::new();
    }
    let text = without_parentheses(text);
    let mut found = Vec::new();
    for part in text.split([',', ';', '|', '/', '\n']) {
        let part = without_label(part);
        let Some(isbn) = repair_isbn(part) else { continue };
        if Isbn::parse(&isbn).is_ok() {
            found.push(isbn);
            continue;
        }
        let words = part.split_whitespace().filter(|word| Isbn::parse(word).is_ok());
        let before = found.len();
        found.extend(words.map(str::to_owned));
        if found.len() == before {
            found.push(isbn);
        }
    }
    found.sort_by_key(|isbn| match Isbn::parse(isbn) {
        Ok(_) if isbn.chars().filter(char::is_ascii_digit).count() == 13 => 0,
        Ok(_) => 1,
        Err(_) => 2,
    });
    found
}

/// The text without remarks such as `(pbk.)` and without brackets.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    let outside = |c: &char| match c {
        '(' => {
            depth += 1;
            false
        }
        ')' => {
            depth = depth.saturating_sub(1);
            false
        }
        '[' | ']' => false,
        _ => depth == 0,
    };
    text.chars().filter(outside).collect()
}

/// The text without a label such as `ISBN`, `ISBN-13:` or `urn:isbn:`.
fn without_label(text: &str) -> &str {
    let text = text.rsplit(':').next().unwrap_or(text).trim();
    match text.get(..4) {
        Some(label) if label.eq_ignore_ascii_case("isbn") => text[4..].trim(),
        _ => text,
    }
}

/// Repairs an ISBN that a spreadsheet took for a number. Returns `None` if digits are lost.
fn repair_isbn(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('\'');
    let text = without_zero_fraction(text);
    if text.is_empty() || is_exponent_form(text) {
        return None;
    }
    let digits = text.strip_suffix(['x', 'X']).unwrap_or(text);
    // No ISBN-10 begins with more than four zeros, so a shorter number is something else.
    let lost_zeros =
        (6..10).contains(&text.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    Some(if lost_zeros { format!("{text:0>10}") } else { text.to_owned() })
}

/// Whether a spreadsheet has rounded the number, as in `9.78043902348e+12`.
fn is_exponent_form(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['e', 'E']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let all = |text: &str, allowed: fn(u8) -> bool| !text.is_empty() && text.bytes().all(allowed);
    all(number, |byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && all(exponent, |byte| byte.is_ascii_digit())
}

/// Reads a whole number, also one with a fraction of zero (`2008.0`) or a typographic minus sign.
pub(super) fn read_year(text: &str) -> Option<i64> {
    let text = without_zero_fraction(text.trim()).replace('\u{2212}', "-");
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // A number that is too large for the type is reported as out of range, not as no integer.
    Some(text.parse().unwrap_or(i64::MAX))
}

fn without_zero_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn isbn(texts: &[&str]) -> Change<String> {
        let mut book = BookBuilder::default();
        for text in texts {
            book.offer(Field::Isbn, CellValue::Text((*text).into()));
        }
        book.into_draft().isbn
    }

    fn set(text: &str) -> Change<String> {
        Change::Set(text.into())
    }

    #[test]
    fn lost_zeros_come_back() {
        assert_eq!(isbn(&["439023483"]), set("0439023483"));
        assert_eq!(isbn(&["7442912"]), set("0007442912"));
        assert_eq!(isbn(&["439023483.0"]), set("0439023483"));
        assert_eq!(isbn(&["80442957X"]), set("080442957X"));
        assert_eq!(isbn(&["12"]), set("12"));
        assert_eq!(isbn(&["978-0-439"]), set("978-0-439"));
    }

    #[test]
    fn a_cell_may_hold_several_isbns_and_remarks() {
        for (text, expected) in [
            ("9780306406157, 0306406152", "9780306406157"),
            ("0306406152; 9780306406157", "9780306406157"),
            ("0306406152 9780306406157", "9780306406157"),
            ("0132350882 (pbk.)", "0132350882"),
            ("(hbk) 0132350882 / 0804429570 (pbk)", "0132350882"),
            ("0132350882 paperback", "0132350882"),
            ("ISBN-13: 978-0-13-235088-4", "978-0-13-235088-4"),
            ("urn:isbn:0132350882", "0132350882"),
            ("[0132350882]", "0132350882"),
            ("0132350883, 9780306406158", "0132350883"),
        ] {
            assert_eq!(isbn(&[text]), set(expected), "{text}");
        }
    }

    #[test]
    fn an_exponent_form_counts_as_empty() {
        for text in ["9.78043902348e+12", "9,78044E+12", "9.8e12", " 9E+12 ", "", "'"] {
            assert_eq!(isbn(&[text]), Change::Keep, "{text}");
        }
    }

    #[test]
    fn the_first_valid_isbn_is_taken_or_else_the_first_invalid_one() {
        assert_eq!(isbn(&["9780132350885", "0132350882"]), set("0132350882"));
        assert_eq!(isbn(&["9780132350884", "0804429570"]), set("9780132350884"));
        assert_eq!(isbn(&["9780132350885", "0804429570"]), set("9780132350885"));
        assert_eq!(isbn(&["9.78013e+12", "0132350882"]), set("0132350882"));
    }

    #[test]
    fn years_are_whole_numbers() {
        let year = |text: &str| {
            let mut book = BookBuilder::default();
            book.offer(Field::Year, CellValue::Text(text.into()));
            let draft = book.into_draft();
            (draft.year.into_value(), draft.faults.is_empty())
        };
        assert_eq!(year("2008.0"), (Some(2008), true));
        assert_eq!(year("-720.0"), (Some(-720), true));
        assert_eq!(year("\u{2212}720"), (Some(-720), true));
        assert_eq!(year(" 1984 "), (Some(1984), true));
        assert_eq!(year("99999999999999999999"), (Some(i64::MAX), true));
        for text in ["2008.5", "c. 1850", "1e3", "-", ".0"] {
            assert_eq!(year(text), (None, false), "{text}");
        }
    }

    #[test]
    fn the_first_cell_that_is_not_empty_is_taken() {
        let mut book = BookBuilder::default();
        book.offer(Field::Title, CellValue::Empty);
        book.offer(Field::Title, CellValue::Text("Second".into()));
        book.offer(Field::Title, CellValue::Text("Third".into()));
        book.offer(Field::Genre, CellValue::Null);
        book.offer(Field::Isbn, CellValue::Null);
        let draft = book.into_draft();
        assert_eq!(draft.title, set("Second"));
        assert_eq!((draft.genre, draft.isbn), (Change::Clear, Change::Keep));
    }
}
