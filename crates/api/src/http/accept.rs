//! What a client accepts (RFC 9110, section 12.5.1).

/// A media range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    quality: u16,
}

/// The weight that an `Accept` header gives to a media type, in thousandths: that of the most
/// specific range that fits. No header accepts everything.
pub(crate) fn quality(accept: &str, media_type: &str) -> u16 {
    let Some((kind, subtype)) = media_type.split_once('/') else { return 0 };
    ranges(accept)
        .filter_map(|range| {
            let specificity = match (range.kind, range.subtype) {
                ("*", "*") => 0,
                (k, "*") if k.eq_ignore_ascii_case(kind) => 1,
                (k, s) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subtype) => 2,
                _ => return None,
            };
            Some((specificity, range.quality))
        })
        .max()
        .map_or(0, |(_, quality)| quality)
}

/// Whether errors are wanted as RFC 9457 has them rather than in the envelope: the header names that
/// media type, and no other JSON before or above it.
pub(super) fn prefers_problem(accept: &str) -> bool {
    let place = |wanted: &str| {
        ranges(accept).position(|range| {
            range.kind.eq_ignore_ascii_case("application")
                && range.subtype.eq_ignore_ascii_case(wanted)
                && range.quality > 0
        })
    };
    let Some(problem_place) = place("problem+json") else { return false };
    let problem = quality(accept, "application/problem+json");
    let json = quality(accept, "application/json");
    problem > json
        || (problem == json && place("json").is_none_or(|json_place| problem_place < json_place))
}

fn ranges(accept: &str) -> impl Iterator<Item = Range<'_>> {
    accept.split(',').filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts
            .find_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                name.eq_ignore_ascii_case("q").then(|| thousandths(value))
            })
            .unwrap_or(1000);
        Some(Range { kind, subtype, quality })
    })
}

fn thousandths(text: &str) -> u16 {
    let number: f32 = text.parse().unwrap_or(1.0);
    (number.clamp(0.0, 1.0) * 1000.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_counts() {
        assert_eq!(quality("*/*;q=0.1, application/*;q=0.5", "application/json"), 500);
        assert_eq!(quality("application/json;q=0, */*", "application/json"), 0);
        assert_eq!(quality("text/html", "application/json"), 0);
        assert_eq!(quality("Application/JSON ; Q=0.25", "application/json"), 250);
    }

    #[test]
    fn a_problem_has_to_be_asked_for_by_name_and_not_after_json() {
        assert!(prefers_problem("application/problem+json"));
        assert!(prefers_problem("application/problem+json, application/json"));
        assert!(prefers_problem("application/problem+json, */*"));
        assert!(prefers_problem("application/json;q=0.5, application/problem+json"));
        assert!(!prefers_problem("application/json, application/problem+json"));
        assert!(!prefers_problem("application/problem+json;q=0.5, application/json"));
        assert!(!prefers_problem("application/problem+json;q=0"));
        assert!(!prefers_problem("*/*"));
        assert!(!prefers_problem("application/json"));
    }
}
