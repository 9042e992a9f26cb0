//! What a client accepts (RFC 9110, section 12.5.1).

use actix_web::http::header::{ACCEPT, HeaderMap, HeaderValue, Quality, QualityItem};
use mime::Mime;

/// The lines of `Accept`, not parsed yet.
pub(super) struct AcceptLines(Vec<HeaderValue>);

impl AcceptLines {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(headers.get_all(ACCEPT).cloned().collect())
    }

    /// Returns `None` if everything is accepted: the header is missing, is `*/*`, or has no valid
    /// range. Ranges that are not valid are skipped.
    pub(super) fn parse(&self) -> Option<Accept> {
        match self.0.as_slice() {
            [] => None,
            [line] if line == "*/*" => None,
            lines => {
                let ranges: Vec<_> = lines.iter().flat_map(ranges).collect();
                (!ranges.is_empty()).then_some(Accept(ranges))
            }
        }
    }
}

/// The valid media ranges of a line. The parser of actix-web drops all lines if one of them is not
/// ASCII, and takes a comma in a quoted parameter for the end of a range.
fn ranges(line: &HeaderValue) -> Vec<QualityItem<Mime>> {
    let line = String::from_utf8_lossy(line.as_bytes());
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = line.split(|c: char| {
        if is_escaped {
            is_escaped = false;
            return false;
        }
        match c {
            '"' => is_quoted = !is_quoted,
            '\\' => is_escaped = is_quoted,
            _ => {}
        }
        c == ',' && !is_quoted
    });
    parts.filter_map(|range| range.trim().parse().ok()).collect()
}

/// The media ranges of all lines of `Accept` together.
pub(crate) struct Accept(Vec<QualityItem<Mime>>);

impl Accept {
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        AcceptLines::of(headers).parse()
    }

    /// The weight of a media type: that of the most specific range that matches.
    pub(crate) fn quality(&self, media_type: &str) -> Quality {
        let Some((kind, subtype)) = media_type.split_once('/') else { return Quality::ZERO };
        let matches = |range: &QualityItem<Mime>| {
            let (range_kind, range_subtype) = (range.item.type_(), subtype_of(&range.item));
            let specificity = match (range_kind.as_str(), range_subtype) {
                ("*", "*") => 0,
                (k, "*") if k == kind => 1,
                (k, s) if k == kind && s == subtype => 2,
                _ => return None,
            };
            Some((specificity, range.quality))
        };
        self.0.iter().filter_map(matches).max().map_or(Quality::ZERO, |(_, quality)| quality)
    }

    /// Whether the client prefers errors as RFC 9457 defines them to errors in the envelope.
    pub(super) fn prefers_problem(&self) -> bool {
        self.prefers_to_json("application/problem+json")
    }

    /// Whether the client names this media type, and does not rank `application/json` higher.
    pub(crate) fn prefers_to_json(&self, media_type: &str) -> bool {
        let place = |wanted: &str| {
            self.0.iter().position(|range| {
                range.item.essence_str() == wanted && range.quality > Quality::ZERO
            })
        };
        let Some(wanted_place) = place(media_type) else { return false };
        let wanted = self.quality(media_type);
        let json = self.quality("application/json");
        wanted > json
            || (wanted == json
                && place("application/json").is_none_or(|json_place| wanted_place < json_place))
    }
}

/// The subtype with its suffix, which `mime` separates.
fn subtype_of(media_type: &Mime) -> &str {
    let essence = media_type.essence_str();
    essence.split_once('/').map_or(essence, |(_, subtype)| subtype)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::q;

    fn accept(lines: &[&'static str]) -> Accept {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_static(line));
        }
        Accept::of(&headers).unwrap()
    }

    #[test]
    fn the_most_specific_range_counts() {
        let quality = |line, media_type| accept(&[line]).quality(media_type);
        assert_eq!(quality("*/*;q=0.1, application/*;q=0.5", "application/json"), q(0.5));
        assert_eq!(quality("application/json;q=0, */*", "application/json"), Quality::ZERO);
        assert_eq!(quality("text/html", "application/json"), Quality::ZERO);
        assert_eq!(quality("Application/JSON ; Q=0.25", "application/json"), q(0.25));
    }

    #[test]
    fn a_header_without_a_valid_range_accepts_everything() {
        for line in ["", "nonsense", "*/*"] {
            let mut headers = HeaderMap::new();
            headers.append(ACCEPT, HeaderValue::from_static(line));
            assert!(Accept::of(&headers).is_none(), "{line:?}");
        }
    }

    #[test]
    fn all_lines_count() {
        let two = accept(&["text/html", "application/json;q=0.5, application/problem+json"]);
        assert_eq!(two.quality("application/json"), q(0.5));
        assert!(two.prefers_problem());
        let mut headers = HeaderMap::new();
        for line in [&b"text/html;x=\xff"[..], b"\xff, application/json;q=0.5", b"\xff"] {
            headers.append(ACCEPT, HeaderValue::from_bytes(line).unwrap());
        }
        let some = Accept::of(&headers).unwrap();
        assert_eq!(some.quality("application/json"), q(0.5), "what is not ASCII is skipped");
        assert_eq!(some.quality("text/csv"), Quality::ZERO);
    }

    #[test]
    fn a_comma_in_a_quoted_parameter_belongs_to_the_range() {
        let one = accept(&[r#"text/html;x="a, application/json ,";q=0.5, text/csv"#]);
        assert_eq!(one.quality("text/html"), q(0.5));
        assert_eq!(one.quality("text/csv"), q(1.0));
        assert_eq!(one.quality("application/json"), Quality::ZERO);
    }

    #[test]
    fn a_problem_must_be_named_and_not_ranked_after_json() {
        let prefers_problem = |line| accept(&[line]).prefers_problem();
        assert!(prefers_problem("application/problem+json"));
        assert!(prefers_problem("application/problem+json, application/json"));
        assert!(prefers_problem("application/problem+json, */*"));
        assert!(prefers_problem("application/json;q=0.5, application/problem+json"));
        assert!(!prefers_problem("application/json, application/problem+json"));
        assert!(!prefers_problem("application/problem+json;q=0.5, application/json"));
        assert!(!prefers_problem("application/problem+json;q=0"));
        assert!(!prefers_problem("text/html, */*"));
        assert!(!prefers_problem("application/json"));
    }
}
