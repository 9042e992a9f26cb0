//! The operations of every route, read from the OpenAPI document. They decide which requests get 404,
//! 405 or 406, and which parameters are unknown.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue, Quality};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};
use utoipa::openapi::path::{Operation as Documented, ParameterIn};
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use super::accept::{Accept, AcceptLines};
use super::found_route::FoundRoute;
use super::identity::count_read;
use super::{ApiError, HandlerResult, Query, Reason, id, path};

/// The operations of one path.
struct Route {
    /// The path with the names of its parameters.
    template: Arc<str>,
    segments: Vec<Segment>,
    allow: HeaderValue,
    operations: Vec<Operation>,
}

/// What the path of a route has between two slashes.
enum Segment {
    Text(String),
    /// A name in braces. It stands for any text that is not empty.
    Parameter(String),
}

struct Operation {
    method: Method,
    /// The media types of the successful responses.
    media_types: Vec<String>,
    /// Whether it has parameters in the query.
    has_query: bool,
}

/// All routes. They are part of the application's data.
pub(crate) struct Routes(Vec<Route>);

impl Routes {
    fn of_app(data: Option<&web::Data<Self>>) -> Option<&Self> {
        data.map(|routes| &***routes)
    }

    pub(crate) fn of(document: &OpenApi) -> Self {
        Self(document.paths.paths.iter().map(|(path, item)| Route::new(path, item)).collect())
    }

    fn find(&self, path: &str) -> Option<&Route> {
        let segments: Vec<_> = path.split('/').collect();
        self.0.iter().find(|route| route.matches(&segments))
    }
}

impl Route {
    fn new(path: &str, item: &PathItem) -> Self {
        let operations = operations(item);
        let mut allow: Vec<_> = operations.iter().map(|one| one.method.as_str()).collect();
        if item.get.is_some() {
            allow.push("HEAD");
        }
        allow.push("OPTIONS");
        Self {
            template: path.into(),
            segments: path.split('/').map(Segment::new).collect(),
            allow: HeaderValue::from_str(&allow.join(", "))
                .unwrap_or_else(|_| HeaderValue::from_static("")),
            operations,
        }
    }

    fn matches(&self, path: &[&str]) -> bool {
        self.segments.len() == path.len()
            && self.segments.iter().zip(path).all(|(segment, text)| segment.matches(text))
    }

    /// Whether the id in a path is one. Anything but a positive 64-bit integer is not found.
    fn fits_ids(&self, path: &str) -> bool {
        self.segments.iter().zip(path.split('/')).all(|(segment, text)| match segment {
            Segment::Parameter(name) if name == "id" => id::read(text).is_some(),
            _ => true,
        })
    }

    fn operation(&self, method: &Method) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.method == method)
    }
}

impl Segment {
    fn new(segment: &str) -> Self {
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => Self::Parameter(name.to_owned()),
            None => Self::Text(segment.to_owned()),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Text(expected) => expected == text,
            Self::Parameter(_) => !text.is_empty(),
        }
    }
}

impl Operation {
    /// Whether the client accepts a media type of the response.
    fn suits(&self, request: &HttpRequest) -> bool {
        let Some(accept) = AcceptLines::of(request.headers()).parse() else { return true };
        let answers = &self.media_types;
        answers.is_empty() || answers.iter().any(|answer| accepts(&accept, answer))
    }
}

fn operations(item: &PathItem) -> Vec<Operation> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| {
        let operation = operation.as_ref()?;
        let (media_types, has_query) = (media_types(operation), has_query(operation));
        Some(Operation { method, media_types, has_query })
    })
    .collect()
}

fn has_query(operation: &Documented) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => false,
    })
}

fn media_types(operation: &Documented) -> Vec<String> {
    let answers = &operation.responses.responses;
    answers
        .iter()
        .filter(|(status, _)| status.starts_with('2'))
        .filter_map(|(_, response)| match response {
            RefOr::T(response) => Some(response.content.keys().cloned()),
            RefOr::Ref(_) => None,
        })
        .flatten()
        .collect()
}

/// Answers requests to a known route that fit none of its operations. They count as reads.
pub(super) async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let route = route(request.request());
    if let Some(route) = route {
        FoundRoute::note(request.request(), &route.template);
    }
    let Some(answer) = route.and_then(|route| misfit(route, request.request())) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let counted = count_read(request.request()).await;
    Ok(request.into_response(counted.map_or_else(HttpResponse::from_error, |()| answer)))
}

fn misfit(route: &Route, request: &HttpRequest) -> Option<HttpResponse> {
    let refusal = |reason: Reason| HttpResponse::from_error(ApiError::new(reason));
    let allowing = |mut answer: HttpResponse| {
        answer.headers_mut().insert(ALLOW, route.allow.clone());
        answer
    };
    match route.operation(request.method()) {
        None if request.method() == Method::OPTIONS => {
            Some(allowing(HttpResponse::NoContent().finish()))
        }
        None => Some(allowing(refusal(Reason::MethodNotAllowed))),
        Some(_) if !route.fits_ids(request.path()) => Some(refusal(Reason::NotFound)),
        // Routes outside of the API, such as the documentation, do not look at `Accept`.
        Some(operation) if path::is_negotiated(request.path()) && !operation.suits(request) => {
            Some(refusal(Reason::NotAcceptable))
        }
        Some(_) => None,
    }
}

/// A client that prefers problems (RFC 9457) accepts JSON too.
fn accepts(accept: &Accept, answer: &str) -> bool {
    accept.quality(answer) > Quality::ZERO
        || (answer == "application/json" && accept.prefers_problem())
}

/// Refuses all parameters of an operation that has none. Other operations refuse those that they do
/// not know themselves.
///
/// It is called after the request was counted, so that refusals are limited too.
pub(super) fn refuse_parameters(request: &HttpRequest) -> Result<(), ApiError> {
    let query = request.query_string();
    let has_query = || operation(request).is_none_or(|operation| operation.has_query);
    // Outside of the API they may be meant for a script of the page.
    if query.is_empty() || !path::is_api(request.path()) || has_query() {
        return Ok(());
    }
    Query::parse(query)?.finish().map(drop)
}

fn route(request: &HttpRequest) -> Option<&Route> {
    Routes::of_app(request.app_data())?.find(request.path())
}

fn operation(request: &HttpRequest) -> Option<&Operation> {
    route(request)?.operation(request.method())
}

/// Answers requests to unknown routes.
pub(crate) async fn fallback(request: HttpRequest) -> HandlerResult {
    count_read(&request).await?;
    Err(Reason::NotFound.into())
}
