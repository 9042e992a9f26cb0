//! Conditional requests (RFC 9110, section 13).

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, ETAG, EntityTag as Tag, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH, TryIntoHeaderValue,
};
use actix_web::{HttpRequest, HttpResponse};
use bookshelf_domain::{Expected, Version};
use utoipa::IntoParams;

use super::{ApiError, Context, Reason};

/// A strong entity tag. That of a resource consists of its version and the other numbers on which
/// its representation depends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityTag(Tag);

impl EntityTag {
    pub(crate) fn new(version: i64, rest: &[i64]) -> Self {
        let mut tag = version.to_string();
        for part in rest {
            tag.push('-');
            tag.push_str(&part.to_string());
        }
        Self::of_content(tag)
    }

    /// The tag of content that never changes under its name. The name must consist of ASCII
    /// letters, digits and hyphens.
    pub(crate) fn of_content(name: String) -> Self {
        Self(Tag::new_strong(name))
    }

    /// Adds the tag to a response.
    pub(crate) fn mark(self, mut response: HttpResponse) -> HttpResponse {
        if let Ok(tag) = self.0.try_into_value() {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }

    /// Answers a GET with the resource, or with 304 if the client's copy is current.
    pub(crate) fn answer(
        self,
        request: &HttpRequest,
        caching: HeaderValue,
        resource: impl FnOnce() -> HttpResponse,
    ) -> HttpResponse {
        let mut response = if self.is_known(request.headers()) {
            HttpResponse::new(StatusCode::NOT_MODIFIED)
        } else {
            resource()
        };
        response.headers_mut().insert(CACHE_CONTROL, caching);
        self.mark(response)
    }

    /// Whether `If-None-Match` contains this tag. A malformed header contains none.
    pub(crate) fn is_known(&self, headers: &HeaderMap) -> bool {
        let IfNoneMatch { if_none_match } = IfNoneMatch::of(headers);
        match if_none_match.as_deref().and_then(Tags::parse) {
            Some(Tags::Any) => true,
            Some(Tags::Some(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.0)),
            None => false,
        }
    }
}

/// The versions of a resource that a writer accepts, from `If-Match`. A setting makes the header
/// compulsory.
pub(crate) fn expected_versions(request: &HttpRequest) -> Result<Expected, ApiError> {
    expected(request.headers(), Context::of(request)?.settings.require_if_match)
}

/// Only the version of a tag counts: a new rating of a book changes its tag, but must not refuse a
/// writer of the book.
fn expected(headers: &HeaderMap, required: bool) -> Result<Expected, ApiError> {
    let IfMatch { if_match } = IfMatch::of(headers);
    match if_match.as_deref().map(Tags::parse) {
        None if required => Err(Reason::PreconditionRequired.into()),
        None | Some(Some(Tags::Any)) => Ok(Expected::Any),
        Some(Some(Tags::Some(tags))) => Ok(Expected::OneOf(
            tags.iter().filter(|tag| !tag.weak).filter_map(|tag| version(tag.tag())).collect(),
        )),
        Some(None) => Err(ApiError::new(Reason::BadRequest)
            .message("The header If-Match must be * or a list of quoted tags")),
    }
}

fn version(opaque: &str) -> Option<Version> {
    let digits = opaque.split('-').next()?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok().map(Version::new))?
}

enum Tags {
    Any,
    Some(Vec<Tag>),
}

impl Tags {
    /// Parses `If-Match` or `If-None-Match`. The parser of actix-web skips invalid tags, but a
    /// writer must learn that its header is wrong.
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        if rest == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        loop {
            let opening = rest.find('"')?;
            let closing = opening + 1 + rest[opening + 1..].find('"')?;
            let (tag, after) = rest.split_at(closing + 1);
            tags.push(tag.parse().ok()?);
            match after.trim_start() {
                "" => return Some(Self::Some(tags)),
                after => rest = after.strip_prefix(',')?.trim_start(),
            }
        }
    }
}

/// The header `If-Match`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IfMatch {
    /// Entity tags of the resource from earlier responses, or `*`. If the resource has changed
    /// since, the response is 412 and nothing is written.
    #[param(rename = "If-Match", nullable = false, example = "\"7-9-2\"")]
    if_match: Option<String>,
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Self {
        Self { if_match: list(headers, &IF_MATCH) }
    }
}

/// The header `If-None-Match`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IfNoneMatch {
    /// Entity tags of the resource from earlier responses, or `*`. If one of them is current, the
    /// response is 304.
    #[param(rename = "If-None-Match", nullable = false, example = "\"7-9-2\"")]
    if_none_match: Option<String>,
}

impl IfNoneMatch {
    fn of(headers: &HeaderMap) -> Self {
        Self { if_none_match: list(headers, &IF_NONE_MATCH) }
    }
}

/// The lines of a header, joined into one list (RFC 9110, section 5.2).
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> =
        headers.get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn if_match(value: &str) -> Result<Expected, ApiError> {
        let request = TestRequest::default().insert_header((IF_MATCH, value)).to_http_request();
        expected(request.headers(), false)
    }

    fn known(value: &str) -> bool {
        let request =
            TestRequest::default().insert_header((IF_NONE_MATCH, value)).to_http_request();
        EntityTag::new(7, &[9, 2]).is_known(request.headers())
    }

    #[test]
    fn only_the_version_of_strong_tags_is_expected() {
        assert_eq!(if_match("*").unwrap(), Expected::Any);
        assert_eq!(if_match("\"7-9-2\"").unwrap(), Expected::OneOf(vec![Version::new(7)]));
        assert_eq!(
            if_match("\"7\" , \"8-0-0\"").unwrap(),
            Expected::OneOf(vec![Version::new(7), Version::new(8)])
        );
        assert_eq!(if_match("W/\"7\"").unwrap(), Expected::OneOf(vec![]));
        assert_eq!(if_match("\"other\",\"\",\"-7\"").unwrap(), Expected::OneOf(vec![]));
    }

    #[test]
    fn a_malformed_list_of_tags_is_refused() {
        for bad in ["7", "\"7", "\"7\" \"8\"", "\"7\",", "", "'7'", "w/\"7\"", "*, \"7\""] {
            assert_eq!(if_match(bad).unwrap_err().reason, Reason::BadRequest, "{bad}");
        }
    }

    #[test]
    fn a_setting_makes_the_header_compulsory() {
        let none = HeaderMap::new();
        assert_eq!(expected(&none, false).unwrap(), Expected::Any);
        assert_eq!(expected(&none, true).unwrap_err().reason, Reason::PreconditionRequired);
    }

    #[test]
    fn if_none_match_compares_the_whole_tag() {
        assert!(known("*") && known("\"7-9-2\"") && known("\"1\", W/\"7-9-2\""));
        assert!(!known("\"7\"") && !known("\"7-10-3\"") && !known("7-9-2"));
    }
}
