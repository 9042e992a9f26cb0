use super::columns::plain_name;

/// How the cells of a table are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) separator: u8,
    /// Whether cells may be quoted. LibraryThing does not quote, so a quote is a part of the text.
    pub(super) has_quotes: bool,
    /// Whether the first line names the separator, as in `sep=;`, and the header comes after it.
    pub(super) is_named: bool,
}

impl Layout {
    /// The layout of a table that starts like this. The separator is the one that occurs most often in
    /// the header, outside quotes.
    pub(super) fn of(start: &[u8]) -> Self {
        let line = start.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        if let Some(separator) = named_separator(line) {
            return Self { separator, has_quotes: true, is_named: true };
        }
        let header = header(start);
        // Of equal counts `max_by_key` takes the last.
        let separator =
            [b'\t', b';', b','].into_iter().max_by_key(|separator| count(header, *separator));
        let separator = separator.unwrap_or(b',');
        let has_quotes = separator != b'\t' || !is_of_librarything(header);
        Self { separator, has_quotes, is_named: false }
    }
}

/// The separator that a line such as `sep=;` names. A spreadsheet may have quoted the line.
fn named_separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', separator @ (b',' | b';' | b'\t' | b'|')]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep") =>
        {
            Some(*separator)
        }
        // The tab at the end was trimmed.
        _ if line.eq_ignore_ascii_case(b"sep=") => Some(b'\t'),
        _ => None,
    }
}

/// The header row, which ends at a line break outside quotes.
fn header(start: &[u8]) -> &[u8] {
    let start = start.trim_ascii_start();
    let mut is_quoted = false;
    let end = start.iter().position(|byte| {
        is_quoted ^= *byte == b'"';
        !is_quoted && matches!(byte, b'\n' | b'\r')
    });
    &start[..end.unwrap_or(start.len())]
}

fn count(header: &[u8], separator: u8) -> usize {
    let mut is_quoted = false;
    let outside = |byte: &&u8| {
        is_quoted ^= **byte == b'"';
        !is_quoted && **byte == separator
    };
    header.iter().filter(outside).count()
}

fn is_of_librarything(header: &[u8]) -> bool {
    let names: Vec<_> = header
        .split(|byte| *byte == b'\t')
        .map(|name| plain_name(&String::from_utf8_lossy(name)))
        .collect();
    ["primaryauthor", "collections"].iter().all(|name| names.iter().any(|other| other == name))
}

#[cfg(test)]
mod tests {
    use super::Layout;

    #[test]
    fn the_header_tells_the_separator() {
        for (start, separator) in [
            ("title,author\n", b','),
            ("\r\n title;author;\"a,b,c,d\"\n1,2,3,4,5\n", b';'),
            ("title\tauthor\n", b'\t'),
            ("title", b','),
            ("", b','),
            ("\"a\n;;\",b\n;;;", b','),
            ("sep=;\r\ntitle,author", b';'),
            ("\"SEP=,\"\ntitle;author", b','),
            ("sep=\t\ntitle", b'\t'),
        ] {
            assert_eq!(Layout::of(start.as_bytes()).separator, separator, "{start:?}");
        }
    }

    #[test]
    fn only_librarything_does_not_quote() {
        assert!(Layout::of(b"title\tauthor\n").has_quotes);
        assert!(!Layout::of(b"Title\tPrimary Author\tCollections\n").has_quotes);
    }
}
