use actix_web::http::header::EntityTag as Tag;

/// The value of `If-Match` or `If-None-Match`.
pub(super) enum Tags {
    Any,
    Some {
        quoted: Vec<Tag>,
        /// Whether there are others, without quotation marks, which are no tags.
        has_unquoted: bool,
    },
}

impl Tags {
    /// Parses the header. The parser of actix-web skips invalid tags, but a writer must learn that its
    /// header is wrong. Empty elements are skipped (RFC 9110, section 5.6.1.2).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let skipped = [' ', '\t', ','];
        let mut rest = text.trim_matches(skipped);
        if rest == "*" {
            return Some(Self::Any);
        }
        let (mut quoted, mut has_unquoted) = (Vec::new(), false);
        loop {
            let end = rest.find(['"', ',']).unwrap_or(rest.len());
            let after = if rest[end..].starts_with('"') {
                let closing = end + 1 + rest[end + 1..].find('"')?;
                let (tag, after) = rest.split_at(closing + 1);
                quoted.push(tag.parse().ok()?);
                after
            } else {
                let (tag, after) = rest.split_at(end);
                if ["", "*"].contains(&tag.trim_end()) {
                    return None;
                }
                has_unquoted = true;
                after
            };
            match after.trim_start() {
                "" => return Some(Self::Some { quoted, has_unquoted }),
                after => rest = after.strip_prefix(',')?.trim_start_matches(skipped),
            }
        }
    }
}
