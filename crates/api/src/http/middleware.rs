//! The middlewares that every request passes.

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, Error};

#[cfg(feature = "otlp")]
use super::spans;
use super::{
    access_log, common_headers, connection, cors, error_response, guard, limits, metrics, path,
    repeated, routes, unread,
};

/// Wraps an application in the middlewares.
///
/// A request passes them in this order, and its response in the reverse order:
///
/// 1. [`connection::mark_busy`] keeps the watchdog from closing the connection.
/// 2. [`metrics::measure`] measures the request, if metrics are on.
/// 3. `spans::record` makes a span of the request, if the feature `otlp` sends spans.
/// 4. [`access_log::log`] gives the request its id and writes a line for it.
/// 5. [`path::answer_head`] answers `HEAD` as `GET`, without the body.
/// 6. [`path::decode`] decodes letters of the path that need no encoding.
/// 7. [`common_headers::add`] adds the headers that every response has.
/// 8. [`cors::allow`] adds the headers for pages of other origins, and answers preflights.
/// 9. [`error_response::write`] writes every error in the same format.
/// 10. [`guard::guard`] turns panics and timeouts into errors.
/// 11. [`limits::add_headers`] adds the headers about rate limits.
/// 12. [`unread::bound`] refuses a long response to a client that does not read others.
/// 13. [`repeated::refuse`] refuses headers on several lines that a request may have only once.
/// 14. [`path::resolve`] finds the route behind every form of a path.
/// 15. [`routes::check`] answers requests that fit no operation of their route.
pub fn wrap<T>(
    app: App<T>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    >,
>
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = Error,
            InitError = (),
        > + 'static,
{
    // A request passes the middleware that was wrapped last first.
    let app = app
        .wrap(from_fn(routes::check))
        .wrap(from_fn(path::resolve))
        .wrap(from_fn(repeated::refuse))
        .wrap(from_fn(unread::bound))
        .wrap(from_fn(limits::add_headers))
        .wrap(from_fn(guard::guard))
        .wrap(from_fn(error_response::write))
        .wrap(from_fn(cors::allow))
        .wrap(from_fn(common_headers::add))
        .wrap(from_fn(path::decode))
        .wrap(from_fn(path::answer_head))
        .wrap(from_fn(access_log::log));
    #[cfg(feature = "otlp")]
    let app = app.wrap(Condition::new(spans::are_on(), from_fn(spans::record)));
    app.wrap(Condition::new(bookshelf_metrics::are_on(), from_fn(metrics::measure)))
        .wrap(from_fn(connection::mark_busy))
}
