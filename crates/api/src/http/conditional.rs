//! Conditional requests (RFC 9110, section 13).

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use actix_web::{HttpRequest, HttpResponse};
use bookshelf_domain::{Expected, Version};
use utoipa::IntoParams;

use super::{ApiError, Reason};

/// A strong entity tag: mostly the version of a resource, and after it whatever else its
/// representation depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityTag(HeaderValue);

impl EntityTag {
    pub(crate) fn new(version: i64, rest: &[i64]) -> Self {
        let mut tag = format!("\"{version}");
        for part in rest {
            tag.push('-');
            tag.push_str(&part.to_string());
        }
        tag.push('"');
        // Digits, hyphens and quotes are always a header's value.
        Self(HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\"")))
    }

    /// For what never changes under its name, which must be of ASCII letters, digits and hyphens.
    pub(crate) fn of_content(name: &str) -> Self {
        let tag = HeaderValue::try_from(format!("\"{name}\""));
        Self(tag.unwrap_or_else(|_| HeaderValue::from_static("\"\"")))
    }

    /// Marks an answer with the tag of what it shows.
    pub(crate) fn mark(self, mut response: HttpResponse) -> HttpResponse {
        response.headers_mut().insert(ETAG, self.0);
        response
    }

    /// Answers a GET: with the resource, or with 304 if the client has it as it is.
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

    /// Whether `If-None-Match` names this tag; weak tags are compared by what they quote. A header
    /// that cannot be read names none.
    pub(crate) fn is_known(&self, headers: &HeaderMap) -> bool {
        match tags(headers, &IF_NONE_MATCH) {
            Ok(Some(Tags::Any)) => true,
            Ok(Some(Tags::Some(tags))) => {
                let own = self.0.as_bytes();
                let own = own.strip_prefix(b"\"").and_then(|own| own.strip_suffix(b"\""));
                tags.iter().any(|tag| own == Some(tag.opaque.as_bytes()))
            }
            _ => false,
        }
    }
}

/// The versions that a writer has seen, from `If-Match`. Only the version counts: a rating that came
/// meanwhile is no change of the resource itself.
pub(crate) fn expected(request: &HttpRequest, required: bool) -> Result<Expected, ApiError> {
    match tags(request.headers(), &IF_MATCH)? {
        None if required => Err(Reason::PreconditionRequired.into()),
        None | Some(Tags::Any) => Ok(Expected::Any),
        Some(Tags::Some(tags)) => Ok(Expected::OneOf(
            tags.iter().filter(|tag| !tag.weak).filter_map(|tag| version(tag.opaque)).collect(),
        )),
    }
}

fn version(opaque: &str) -> Option<Version> {
    let digits = opaque.split('-').next()?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok().map(Version::new))?
}

enum Tags<'a> {
    Any,
    Some(Vec<Tag<'a>>),
}

struct Tag<'a> {
    weak: bool,
    opaque: &'a str,
}

fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<Tags<'a>>, ApiError> {
    let mut found = None;
    for value in headers.get_all(name) {
        let tags = value.to_str().ok().and_then(read_tags).ok_or_else(|| {
            ApiError::new(Reason::BadRequest)
                .message(format!("The header {name} must be * or a list of quoted tags"))
        })?;
        found = Some(match (found, tags) {
            (Some(Tags::Some(mut all)), Tags::Some(more)) => {
                all.extend(more);
                Tags::Some(all)
            }
            (None, tags) => tags,
            _ => Tags::Any,
        });
    }
    Ok(found)
}

fn read_tags(text: &str) -> Option<Tags<'_>> {
    let mut rest = text.trim();
    if rest == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    loop {
        let weak = rest.starts_with("W/");
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (opaque, after) = quoted.split_once('"')?;
        if opaque.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return None;
        }
        tags.push(Tag { weak, opaque });
        match after.trim_start() {
            "" => return Some(Tags::Some(tags)),
            after => rest = after.strip_prefix(',')?.trim_start(),
        }
    }
}

/// What a writer has seen.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the documentation of the header")]
pub(crate) struct IfMatch {
    /// Tags that were shown for the resource, or `*`. Nothing is written if it was changed since.
    #[param(rename = "If-Match", nullable = false, example = "\"7-9-2\"")]
    if_match: Option<String>,
}

/// What a reader has.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the documentation of the header")]
pub(crate) struct IfNoneMatch {
    /// Tags that were shown for the resource, or `*`. If one is still right, the answer is 304.
    #[param(rename = "If-None-Match", nullable = false, example = "\"7-9-2\"")]
    if_none_match: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn if_match(value: &str) -> Result<Expected, ApiError> {
        expected(&TestRequest::default().insert_header((IF_MATCH, value)).to_http_request(), false)
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
    fn what_is_no_list_of_tags_is_refused() {
        for bad in ["7", "\"7", "\"7\" \"8\"", "\"7\",", "", "'7'", "w/\"7\"", "*, \"7\""] {
            assert_eq!(if_match(bad).unwrap_err().reason, Reason::BadRequest, "{bad}");
        }
    }

    #[test]
    fn a_setting_makes_the_header_compulsory() {
        let none = TestRequest::default().to_http_request();
        assert_eq!(expected(&none, false).unwrap(), Expected::Any);
        assert_eq!(expected(&none, true).unwrap_err().reason, Reason::PreconditionRequired);
    }

    #[test]
    fn the_whole_tag_tells_whether_the_client_has_it() {
        assert!(known("*") && known("\"7-9-2\"") && known("\"1\", W/\"7-9-2\""));
        assert!(!known("\"7\"") && !known("\"7-10-3\"") && !known("7-9-2"));
    }
}
