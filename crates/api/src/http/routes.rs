//! The methods and media types of every route, read from the OpenAPI document. The header `Allow`
//! and the check of `Accept` depend on them.

use actix_web::body::MessageBody;
use actix_web::dev::{ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderValue, Quality};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use super::accept::{Accept, AcceptLines};
use super::{ApiError, Reason, path};

/// The methods of one path.
struct Route {
    path: ResourceDef,
    allow: HeaderValue,
    /// The media types of the successful responses to each method.
    media_types: Vec<(Method, Vec<String>)>,
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
        self.0.iter().find(|route| route.path.is_match(path))
    }
}

impl Route {
    fn new(path: &str, item: &PathItem) -> Self {
        let operations = operations(item);
        let mut allow: Vec<&str> = operations.iter().map(|(method, _)| method.as_str()).collect();
        if item.get.is_some() {
            allow.push("HEAD");
        }
        allow.push("OPTIONS");
        Self {
            path: ResourceDef::new(path),
            allow: HeaderValue::from_str(&allow.join(", "))
                .unwrap_or_else(|_| HeaderValue::from_static("")),
            media_types: operations
                .into_iter()
                .map(|(method, operation)| (method, media_types(operation)))
                .collect(),
        }
    }
}

fn operations(item: &PathItem) -> Vec<(Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
    .collect()
}

fn media_types(operation: &Operation) -> Vec<String> {
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

/// Refuses clients that accept none of the media types of the route, and adds the header `Allow` to
/// the response 405.
pub(super) async fn negotiate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    // Routes outside of the API, such as the documentation, do not look at `Accept`.
    if path::is_api(request.path()) && !is_acceptable(&request) {
        return Ok(request.error_response(ApiError::new(Reason::NotAcceptable)));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = route(response.request()).map(|route| route.allow.clone());
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
    }
    Ok(response)
}

fn is_acceptable(request: &ServiceRequest) -> bool {
    let Some(accept) = AcceptLines::of(request.headers()).parse() else { return true };
    let route = Routes::of_app(request.app_data()).and_then(|routes| routes.find(request.path()));
    let methods = route.map_or(&[][..], |route| &route.media_types);
    let answers = methods.iter().find(|(method, _)| method == request.method());
    answers.is_none_or(|(_, answers)| {
        answers.is_empty() || answers.iter().any(|answer| accepts(&accept, answer))
    })
}

/// A client that prefers problems (RFC 9457) accepts JSON too.
fn accepts(accept: &Accept, answer: &str) -> bool {
    accept.quality(answer) > Quality::ZERO
        || (answer == "application/json" && accept.prefers_problem())
}

fn route(request: &HttpRequest) -> Option<&Route> {
    Routes::of_app(request.app_data())?.find(request.path())
}

/// Whether a route has exactly this path, and not a parameter in it.
pub(super) fn is_literal(request: &HttpRequest) -> bool {
    route(request).is_some_and(|route| route.path.pattern() == Some(request.path()))
}

/// Answers requests that match no route: their path is unknown, or it does not have the method.
pub(crate) async fn fallback(request: HttpRequest) -> HttpResponse {
    match route(&request) {
        Some(route) if request.method() == Method::OPTIONS => {
            HttpResponse::build(StatusCode::NO_CONTENT)
                .insert_header((ALLOW, route.allow.clone()))
                .finish()
        }
        Some(_) => HttpResponse::from_error(ApiError::new(Reason::MethodNotAllowed)),
        None => HttpResponse::from_error(ApiError::new(Reason::NotFound)),
    }
}
