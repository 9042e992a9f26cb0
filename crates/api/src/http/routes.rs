//! What the OpenAPI document knows of every route: the one source of `Allow` and of media types.

use actix_web::dev::{ResourceDef, ServiceRequest};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use super::{ApiError, Reason, accept};
use crate::service::document;

/// The routes of one address.
struct Route {
    address: ResourceDef,
    allow: HeaderValue,
    /// The media types in which each method is answered when it succeeds.
    media_types: Vec<(Method, Vec<String>)>,
}

pub(crate) struct Routes(Vec<Route>);

impl Routes {
    pub(crate) fn of(document: &OpenApi) -> Self {
        Self(document.paths.paths.iter().map(|(path, item)| Route::new(path, item)).collect())
    }

    fn find(&self, path: &str) -> Option<&Route> {
        self.0.iter().find(|route| route.address.is_match(path))
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
            address: ResourceDef::new(path),
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

/// Whether the client takes what the route answers with. Errors it gets as JSON in any case.
pub(super) fn acceptable(request: &ServiceRequest, accept: &str) -> Result<(), ApiError> {
    if accept == "*/*" {
        return Ok(());
    }
    let route = document().routes.find(request.path());
    let methods = route.map_or(&[][..], |route| &route.media_types);
    match methods.iter().find(|(method, _)| method == request.method()) {
        Some((_, answers))
            if !answers.is_empty() && !answers.iter().any(|answer| takes(accept, answer)) =>
        {
            Err(Reason::NotAcceptable.into())
        }
        _ => Ok(()),
    }
}

/// Whoever asks for problems asks for JSON.
fn takes(accept: &str, answer: &str) -> bool {
    accept::quality(accept, answer) > 0
        || (answer == "application/json" && accept::prefers_problem(accept))
}

/// Tells whoever came with another method which there are.
pub(super) fn announce(request: &HttpRequest, response: &mut HttpResponse) {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Some(route) = document().routes.find(request.path())
    {
        response.headers_mut().insert(ALLOW, route.allow.clone());
    }
}

/// Whether a route has exactly this address, and not just one with an id in its place.
pub(super) fn is_literal(path: &str) -> bool {
    document().routes.find(path).is_some_and(|route| route.address.pattern() == Some(path))
}

/// Answers what no route answered: an unknown address, or a known one with another method.
pub(crate) async fn fallback(request: HttpRequest) -> HttpResponse {
    match document().routes.find(request.path()) {
        Some(route) if request.method() == Method::OPTIONS => {
            HttpResponse::build(StatusCode::NO_CONTENT)
                .insert_header((ALLOW, route.allow.clone()))
                .finish()
        }
        Some(_) => HttpResponse::from_error(ApiError::new(Reason::MethodNotAllowed)),
        None => HttpResponse::from_error(ApiError::new(Reason::NotFound)),
    }
}
