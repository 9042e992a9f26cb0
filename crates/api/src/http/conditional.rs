//! Conditional requests (RFC 9110, section 13).

mod tags;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, ETAG, EntityTag as Tag, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH, TryIntoHeaderValue,
};
use actix_web::{HttpRequest, HttpResponse};
use bookshelf_domain::{Expected, Version};
use utoipa::IntoParams;

use self::tags::Tags;
use super::{ApiError, Context, Reason};

/// The form of the entity tags of one kind of resource: `v1-7-9-2`.
///
/// A tag consists of the version of the view and `N` numbers on which the representation depends. The
/// first number is the version of the resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagForm<const N: usize> {
    /// The version of the view. It grows whenever the same resource is shown as other JSON. Otherwise
    /// clients and caches would keep the JSON of an earlier release.
    pub(crate) view: u32,
}

impl<const N: usize> TagForm<N> {
    pub(crate) fn tag(self, numbers: [i64; N]) -> EntityTag {
        let mut tag = format!("v{}", self.view);
        for number in numbers {
            tag.push('-');
            tag.push_str(&number.to_string());
        }
        EntityTag::of_content(tag)
    }

    /// The version of the resource in a tag. `None` if no server gives such a tag. Any version of the
    /// view is allowed, because servers of two releases may run together.
    pub(crate) fn version(self, tag: &str) -> Option<Version> {
        let (view, numbers) = tag.strip_prefix('v')?.split_once('-')?;
        number(view)?;
        let numbers = numbers.split('-').map(number).collect::<Option<Vec<_>>>()?;
        let numbers: [i64; N] = numbers.try_into().ok()?;
        numbers.first().map(|version| Version::new(*version))
    }
}

/// A number as [`TagForm::tag`] writes it.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| number.to_string() == text)
}

/// A strong entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityTag(Tag);

impl EntityTag {
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
            Some(Tags::Some { quoted, .. }) => quoted.iter().any(|tag| tag.weak_eq(&self.0)),
            None => false,
        }
    }
}

/// The condition under which a writer changes a resource, from `If-Match` or `If-None-Match`. `T` is
/// what a tag says about the resource.
#[derive(Debug)]
pub(crate) struct Precondition<T = Version> {
    pub(crate) accepted: Accepted<T>,
    /// What the header asks, or what is probably wrong with it, if the condition fails.
    hint: Option<&'static str>,
}

/// The states of a resource that a writer accepts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Accepted<T> {
    /// Both headers are missing.
    All,
    /// `If-Match: *`: the resource must exist.
    Existing,
    /// `If-None-Match: *`: the resource must not exist.
    Missing,
    /// Those of the tags in `If-Match` that a server can have given.
    OneOf(Vec<T>),
    /// All but those of the tags in `If-None-Match`, whether they are weak or not.
    NoneOf(Vec<T>),
}

const WEAK: &str = "The entity tag was made weak (W/) on its way, for example by a proxy that \
    compresses responses; If-Match needs the tag as the server gave it, without W/";

const UNQUOTED: &str = "The quotation marks of the entity tag are missing; If-Match needs the tag as \
    the server gave it, such as \"v1-7-9-2\"";

const EXISTS: &str = "If-None-Match: * allows the request only if there is no such resource yet, but \
    there is one";

const KNOWN: &str = "If-None-Match has the entity tag of the present state, so nothing was written";

const ONE_CONDITION: &str =
    "The request has both If-Match and If-None-Match; send only one of them";

const UNTAGGED: &str = "This resource has no entity tags; leave If-Match out, or send *";

impl<T> Precondition<T> {
    /// Reads the headers. A setting makes a condition compulsory. `given` reads a tag, and returns
    /// `None` if no server gives such a tag.
    pub(crate) fn with_tags(
        request: &HttpRequest,
        given: impl Fn(&str) -> Option<T>,
    ) -> Result<Self, ApiError> {
        Self::read(request.headers(), given, Context::of(request)?.settings.require_if_match)
    }

    fn read(
        headers: &HeaderMap,
        given: impl Fn(&str) -> Option<T>,
        required: bool,
    ) -> Result<Self, ApiError> {
        let IfMatch { if_match } = IfMatch::of(headers);
        let IfNoneMatch { if_none_match } = IfNoneMatch::of(headers);
        if let Some(excluded) = if_none_match {
            return match if_match {
                Some(_) => Err(ApiError::new(Reason::BadRequest).message(ONE_CONDITION)),
                None => Self::excluding(&excluded, given, required),
            };
        }
        match if_match.as_deref().map(Tags::parse) {
            None if required => Err(Reason::PreconditionRequired.into()),
            None => Ok(Self { accepted: Accepted::All, hint: None }),
            Some(Some(Tags::Any)) => Ok(Self { accepted: Accepted::Existing, hint: None }),
            Some(Some(Tags::Some { quoted, has_unquoted })) => {
                let given = quoted.iter().filter_map(|tag| Some((tag.weak, given(tag.tag())?)));
                let (weak, strong): (Vec<_>, Vec<_>) = given.partition(|(weak, _)| *weak);
                let accepted = strong.into_iter().map(|(_, state)| state).collect();
                let hint = match weak.is_empty() {
                    true => has_unquoted.then_some(UNQUOTED),
                    false => Some(WEAK),
                };
                Ok(Self { accepted: Accepted::OneOf(accepted), hint })
            }
            Some(None) => Err(ApiError::new(Reason::BadRequest)
                .message("The header If-Match must be * or a list of quoted tags")),
        }
    }

    /// Reads `If-None-Match`. A list of tags does not keep a writer from overwriting a change that it
    /// has not seen, so it is no condition that a setting could ask for.
    fn excluding(
        if_none_match: &str,
        given: impl Fn(&str) -> Option<T>,
        required: bool,
    ) -> Result<Self, ApiError> {
        match Tags::parse(if_none_match) {
            Some(Tags::Any) => Ok(Self { accepted: Accepted::Missing, hint: Some(EXISTS) }),
            Some(Tags::Some { .. }) if required => Err(Reason::PreconditionRequired.into()),
            Some(Tags::Some { quoted, has_unquoted: false }) => {
                let states = quoted.iter().filter_map(|tag| given(tag.tag())).collect();
                Ok(Self { accepted: Accepted::NoneOf(states), hint: Some(KNOWN) })
            }
            _ => Err(ApiError::new(Reason::BadRequest)
                .message("The header If-None-Match must be * or a list of quoted tags")),
        }
    }

    /// The error of a write. If the condition failed because of the header, the message says so.
    pub(crate) fn explain(&self, error: impl Into<ApiError>) -> ApiError {
        let error = error.into();
        match self.hint.filter(|_| error.is(Reason::PreconditionFailed)) {
            Some(hint) => error.message(hint),
            None => error,
        }
    }
}

impl Precondition {
    /// Reads the headers for a resource with tags of this form. Only the version in a tag counts: a
    /// new rating of a book changes its tag, but must not refuse a writer of the book.
    pub(crate) fn of<const N: usize>(
        request: &HttpRequest,
        form: TagForm<N>,
    ) -> Result<Self, ApiError> {
        Self::with_tags(request, |tag| form.version(tag))
    }

    /// The versions that the writer accepts. A resource that does not exist is not found in any case.
    pub(crate) fn expected(&self) -> Expected {
        match &self.accepted {
            Accepted::All | Accepted::Existing => Expected::Any,
            // The resource that is found exists.
            Accepted::Missing => Expected::OneOf(Vec::new()),
            Accepted::OneOf(versions) => Expected::OneOf(versions.clone()),
            Accepted::NoneOf(versions) => Expected::NoneOf(versions.clone()),
        }
    }
}

/// Refuses every tag in `If-Match`, and `*` in `If-None-Match`, for a resource that has no tags. The
/// header is never compulsory there.
pub(crate) fn refuse_tags(request: &HttpRequest) -> Result<(), ApiError> {
    let refusal = match Precondition::<Version>::read(request.headers(), |_| None, false)?.accepted
    {
        Accepted::All | Accepted::Existing | Accepted::NoneOf(_) => return Ok(()),
        Accepted::Missing => EXISTS,
        Accepted::OneOf(_) => UNTAGGED,
    };
    Err(ApiError::new(Reason::PreconditionFailed).message(refusal))
}

/// The header `If-Match`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IfMatch {
    /// Entity tags of the resource from earlier responses, or `*`. If the resource has changed
    /// since, the response is 412 and nothing is written.
    #[param(rename = "If-Match", nullable = false, example = "\"v1-7-9-2\"")]
    if_match: Option<String>,
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Self {
        Self { if_match: list(headers, &IF_MATCH) }
    }
}

/// The header `If-Match` of a request to a resource without entity tags.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "`refuse_tags` reads the header")]
pub(crate) struct IfExists {
    /// `*` is allowed. The resource has no entity tags, so the response to any tag is 412, and
    /// nothing is deleted.
    #[param(rename = "If-Match", nullable = false, pattern = r"^\*$", example = "*")]
    if_match: Option<String>,
}

/// The header `If-None-Match`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IfNoneMatch {
    /// Entity tags of the resource from earlier responses, or `*`. If one of them is current, the
    /// response is 304.
    #[param(rename = "If-None-Match", nullable = false, example = "\"v1-7-9-2\"")]
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
mod tests;
