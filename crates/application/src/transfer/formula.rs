//! Cells that a spreadsheet would run as a formula (OWASP, "CSV injection").

use std::borrow::Cow;
use std::iter;

/// The characters that start a formula. Spreadsheets take the full-width forms for the others.
const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// White space that a spreadsheet drops at the start of a cell.
const DROPPED: [char; 2] = ['\t', '\r'];

/// What can stand between the start of a cell and its formula. A reader that splits a quoted cell
/// may remove the quotation marks.
const SKIPPED: [char; 3] = ['\'', '"', ' '];

/// The characters inside a text after which a spreadsheet may start another cell. In many countries
/// `;` separates cells. A spreadsheet that expects it splits rows there, and at the line breaks in
/// most of the quoted cells.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// The places in a text where a cell can start.
fn cell_starts(text: &str) -> impl Iterator<Item = usize> {
    let separators = text.match_indices(SEPARATORS).map(|(at, separator)| at + separator.len());
    iter::once(0).chain(separators)
}

fn starts_formula(text: &str, is_first: bool) -> bool {
    let text = text.trim_start_matches(SKIPPED);
    text.starts_with(STARTS) || is_first && text.starts_with(DROPPED)
}

/// Puts an apostrophe before each part of a text that would start a formula. A part that has
/// apostrophes there already gets one more, so that [`restore`] gives back exactly what was written.
pub(super) fn neutralise(text: &str) -> Cow<'_, str> {
    let formulas = cell_starts(text).filter(|at| starts_formula(&text[*at..], *at == 0));
    replace(text, formulas, "", "'")
}

/// The text of a cell: without the apostrophes of [`neutralise`], and unquoted if the cell is a
/// formula of nothing but text, such as `="0439023483"`.
pub(super) fn restore(cell: &str) -> Cow<'_, str> {
    let text = cell.trim_matches([' ', '\t', '\r', '\n']).strip_prefix("=\"");
    match text.and_then(|text| text.strip_suffix('"')) {
        Some(text) if text.contains('"') => Cow::Owned(text.replace("\"\"", "\"")),
        Some(text) => Cow::Borrowed(text),
        None => {
            let is_marked = |at: &usize| {
                let rest = cell[*at..].strip_prefix('\'');
                rest.is_some_and(|rest| starts_formula(rest, *at == 0))
            };
            replace(cell, cell_starts(cell).filter(is_marked), "'", "")
        }
    }
}

/// Replaces `old`, which stands at each of the places, with `new`.
fn replace<'a>(
    text: &'a str,
    places: impl Iterator<Item = usize>,
    old: &str,
    new: &str,
) -> Cow<'a, str> {
    let (mut replaced, mut done) = (String::new(), 0);
    let mut places = places.peekable();
    if places.peek().is_none() {
        return Cow::Borrowed(text);
    }
    for place in places {
        replaced.push_str(&text[done..place]);
        replaced.push_str(new);
        done = place + old.len();
    }
    replaced.push_str(&text[done..]);
    Cow::Owned(replaced)
}

#[cfg(test)]
mod tests {
    use super::super::pieces;
    use super::{DROPPED, STARTS, neutralise, restore};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    #[test]
    fn only_formulas_are_neutralised() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=\"a\"", "'=1", "''@x"] {
            assert_eq!(neutralise(cell), format!("'{cell}"));
        }
        for cell in ["＝1＋1", "＋1", "－1", "＠SUM(A1)", "'＝1"] {
            assert_eq!(neutralise(cell), format!("'{cell}"));
        }
        for cell in ["", "Dune", "'Salem's Lot", "1=1", "a-b", "'", "''", "a; b", "\"a\"", "a\n\tb"]
        {
            assert_eq!(neutralise(cell), cell);
            assert_eq!(restore(cell), cell);
        }
    }

    #[test]
    fn a_formula_after_a_separator_is_neutralised() {
        for (text, written) in [
            ("a;=1;b", "a;'=1;b"),
            ("a\t+1", "a\t'+1"),
            ("a\r\n-1", "a\r\n'-1"),
            ("a; =1", "a;' =1"),
            ("a;\"=1", "a;'\"=1"),
            ("=1;'=1", "'=1;''=1"),
        ] {
            assert_eq!(neutralise(text), written);
            assert_eq!(restore(written), text);
        }
    }

    #[test]
    fn a_formula_of_text_is_that_text() {
        assert_eq!(restore("=\"0439023483\""), "0439023483");
        assert_eq!(restore(" =\"0439023483\" "), "0439023483");
        assert_eq!(restore("=\"\""), "");
        assert_eq!(restore("=\"say \"\"no\"\"\""), "say \"no\"");
        assert_eq!(restore("=1+1"), "=1+1");
        assert_eq!(restore("=\""), "=\"");
    }

    proptest! {
        #[test]
        fn every_cell_is_restored(cell in "['=+@＝＋－＠\" ;\t\r\na-]{0,8}") {
            let written = neutralise(&cell);
            prop_assert_eq!(restore(&written), cell.as_str());
            prop_assert!(!written.starts_with(STARTS) && !written.starts_with(DROPPED));
        }

        /// The reader of the crate `csv` takes a quotation mark inside a cell for text, as
        /// spreadsheets do, so it splits quoted cells.
        #[test]
        fn no_separator_makes_a_formula(
            rows in vec(vec("['=@\" ,;\t\r\na-]{0,8}", 3), 1..4),
            separator in select(&b",;\t"[..]),
        ) {
            let cells = rows.iter().map(|row| row.iter().map(|cell| neutralise(cell)));
            let file = pieces::csv(None, cells);
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(separator)
                .has_headers(false)
                .flexible(true)
                .from_reader(file.as_slice());
            for row in reader.records() {
                for cell in &row.unwrap() {
                    prop_assert!(!cell.trim_start().starts_with(STARTS), "{cell:?}");
                }
            }
        }
    }
}
