//! Measures requests.
//!
//! Clients cannot add values of labels: the methods and the statuses are those of the table, and the
//! route is the template of the path and never the path itself.

use std::sync::Arc;
use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use bookshelf_metrics::{
    ACTIVE_REQUESTS, METHODS, OTHER, REQUEST_DURATION, STATUSES, SharedString, UNMATCHED, gauge,
    histogram,
};

use super::change_response::change_response;
use super::found_route::FoundRoute;

/// Counts the requests that are being answered, and measures how long each takes.
pub(super) async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let began = Instant::now();
    let _active = Active::begin();
    let method = known(METHODS, request.method().as_str());
    let route = FoundRoute::of(&request);
    change_response(next.call(request).await, |response| {
        let status = known(STATUSES, response.status().as_str());
        let time = histogram!(
            REQUEST_DURATION.name,
            "http_request_method" => method,
            "http_route" => label(&route),
            "http_response_status_code" => status
        );
        time.record(began.elapsed());
        response
    })
}

/// A request that is being answered. A client that closes its connection ends it too.
struct Active;

impl Active {
    fn begin() -> Self {
        gauge!(ACTIVE_REQUESTS.name).increment(1.0);
        Self
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        gauge!(ACTIVE_REQUESTS.name).decrement(1.0);
    }
}

fn label(route: &FoundRoute) -> SharedString {
    match route.template() {
        Some(template) => SharedString::from(Arc::clone(template)),
        None => SharedString::from(UNMATCHED),
    }
}

/// The value of the table that equals the text.
pub(super) fn known(values: &[&'static str], text: &str) -> &'static str {
    values.iter().find(|value| **value == text).unwrap_or(&OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Reason;

    #[test]
    fn every_status_of_an_error_is_told_apart() {
        for reason in Reason::all() {
            let status = reason.status();
            assert_eq!(known(STATUSES, status.as_str()), status.as_str());
        }
    }

    #[test]
    fn a_method_that_is_not_known_is_another_one() {
        assert_eq!(known(METHODS, "PATCH"), "PATCH");
        for method in ["patch", "BREW", ""] {
            assert_eq!(known(METHODS, method), OTHER, "{method}");
        }
    }
}
