//! Rows as pieces of a file.

use std::error::Error;

use serde::Serialize;

pub(super) type Piece = Result<Vec<u8>, Box<dyn Error + Send + Sync>>;

/// Rows of cells as CSV, after the header if there is one.
pub(super) fn csv<Row>(header: Option<&[&str]>, rows: impl Iterator<Item = Row>) -> Vec<u8>
where
    Row: IntoIterator<Item: AsRef<str>>,
{
    let mut piece = Vec::new();
    if let Some(header) = header {
        write_row(&mut piece, header);
    }
    for row in rows {
        write_row(&mut piece, row);
    }
    piece
}

fn write_row(piece: &mut Vec<u8>, cells: impl IntoIterator<Item: AsRef<str>>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            piece.push(b',');
        }
        write_cell(piece, cell.as_ref());
    }
    piece.push(b'\n');
}

/// The characters for which a cell is quoted. Some readers take `;` or a tab for the separator.
const QUOTED: [char; 6] = [',', '"', '\n', '\r', ';', '\t'];

fn write_cell(piece: &mut Vec<u8>, cell: &str) {
    if cell.contains(QUOTED) {
        piece.push(b'"');
        piece.extend(cell.replace('"', "\"\"").as_bytes());
        piece.push(b'"');
    } else {
        piece.extend(cell.as_bytes());
    }
}

/// Rows as JSON objects, one on each line.
pub(super) fn ndjson(rows: impl Iterator<Item = impl Serialize>) -> Piece {
    let mut piece = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut piece, &row)?;
        piece.push(b'\n');
    }
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn a_cell_that_some_reader_could_split_is_quoted() {
        let rows = [["a b", "a;b", "a\tb"], ["a,b", "a\"b", "a\r\nb"]];
        let written = "x,y,z\na b,\"a;b\",\"a\tb\"\n\"a,b\",\"a\"\"b\",\"a\r\nb\"\n";
        assert_eq!(csv(Some(&["x", "y", "z"]), rows.into_iter()), written.as_bytes());
    }
}
