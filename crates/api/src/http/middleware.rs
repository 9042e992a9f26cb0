//! The middlewares that every request passes.

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, Error};

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
/// 3. [`access_log::log`] gives the request its id and writes a line for it.
/// 4. [`path::answer_head`] answers `HEAD` as `GET`, without the body.
/// 5. [`path::decode`] decodes letters of the path that need no encoding.
/// 6. [`common_headers::add`] adds the headers that every response has.
/// 7. [`cors::allow`] adds the headers for pages of other origins, and answers preflights.
/// 8. [`error_response::write`] writes every error in the same format.
/// 9. [`guard::guard`] turns panics and timeouts into errors.
/// 10. [`limits::add_headers`] adds the headers about rate limits.
/// 11. [`unread::bound`] refuses a long response to a client that does not read others.
/// 12. [`repeated::refuse`] refuses headers on several lines that a request may have only once.
/// 13. [`path::resolve`] finds the route behind every form of a path.
/// 14. [`routes::check`] answers requests that fit no operation of their route.
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
    app.wrap(from_fn(routes::check))
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
        .wrap(from_fn(access_log::log))
        .wrap(Condition::new(bookshelf_metrics::are_on(), from_fn(metrics::measure)))
        .wrap(from_fn(connection::mark_busy))
}
