//! Cells that a spreadsheet would run as a formula (OWASP, "CSV injection").

use std::borrow::Cow;

/// The characters that start a formula. Spreadsheets take the full-width forms for the others.
const STARTS: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];

fn starts_formula(text: &str) -> bool {
    text.starts_with(STARTS)
}

/// Puts an apostrophe before a text that would start a formula. A text that has apostrophes there
/// already gets one more, so that [`restore`] gives back exactly what was written.
pub(super) fn neutralise(text: &str) -> Cow<'_, str> {
    if starts_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of a cell: without the apostrophe of [`neutralise`], and unquoted if the cell is a
/// formula of nothing but text, such as `="0439023483"`.
pub(super) fn restore(cell: &str) -> Cow<'_, str> {
    if let Some(rest) = cell.strip_prefix('\'') {
        return Cow::Borrowed(if neutralise(rest) == rest { cell } else { rest });
    }
    let text = cell.trim().strip_prefix("=\"").and_then(|text| text.strip_suffix('"'));
    match text {
        Some(text) if text.contains('"') => Cow::Owned(text.replace("\"\"", "\"")),
        Some(text) => Cow::Borrowed(text),
        None => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::{STARTS, neutralise, restore};
    use proptest::prelude::*;

    #[test]
    fn only_formulas_are_neutralised() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=\"a\"", "'=1", "''@x"] {
            assert_eq!(neutralise(cell), format!("'{cell}"));
        }
        for cell in ["＝1＋1", "＋1", "－1", "＠SUM(A1)", "'＝1"] {
            assert_eq!(neutralise(cell), format!("'{cell}"));
        }
        for cell in ["", "Dune", "'Salem's Lot", "1=1", "a-b", "'", "''"] {
            assert_eq!(neutralise(cell), cell);
            assert_eq!(restore(cell), cell);
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
        fn every_cell_is_restored(cell in "['=+@＝＋－＠\"\t\ra-]{0,8}") {
            let written = neutralise(&cell);
            prop_assert_eq!(restore(&written), cell.as_str());
            prop_assert!(!written.starts_with(STARTS));
        }
    }
}
