//! Cells that a spreadsheet would take for a formula (OWASP, "CSV injection").

use std::borrow::Cow;

fn opens_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The cell with an apostrophe before it where it would open a formula. One that has apostrophes
/// there already gets one more, so that [`read`] gives back exactly what was written.
pub(super) fn neutralise(text: &str) -> Cow<'_, str> {
    if opens_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What a cell means: a neutralised one without its apostrophe, and of a formula that is nothing but
/// a text, `="0439023483"`, that text.
pub(super) fn read(cell: &str) -> Cow<'_, str> {
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
    use super::{neutralise, read};
    use proptest::prelude::*;

    #[test]
    fn what_would_run_is_neutralised_and_nothing_else() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=\"a\"", "'=1", "''@x"] {
            assert_eq!(neutralise(cell), format!("'{cell}"));
        }
        for cell in ["", "Dune", "'Salem's Lot", "1=1", "a-b", "'", "''"] {
            assert_eq!(neutralise(cell), cell);
            assert_eq!(read(cell), cell);
        }
    }

    #[test]
    fn a_text_that_was_made_a_formula_is_a_text_again() {
        assert_eq!(read("=\"0439023483\""), "0439023483");
        assert_eq!(read(" =\"0439023483\" "), "0439023483");
        assert_eq!(read("=\"\""), "");
        assert_eq!(read("=\"say \"\"no\"\"\""), "say \"no\"");
        assert_eq!(read("=1+1"), "=1+1");
        assert_eq!(read("=\""), "=\"");
    }

    proptest! {
        #[test]
        fn every_cell_is_restored(cell in "['=+@\"\t\ra-]{0,8}") {
            let written = neutralise(&cell);
            prop_assert_eq!(read(&written), cell.as_str());
            prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
    }
}
