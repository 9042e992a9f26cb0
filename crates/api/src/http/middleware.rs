//! What happens to every request, whatever its route.

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error};

use super::{
    access_log, common_headers, connection, cors, error_response, guard, limits, path, routes,
};

/// Wraps an application in what concerns every request.
///
/// A request passes these in this order, and its answer in the reverse order:
///
/// 1. [`connection::mark_busy`] keeps the watchdog from cutting the connection.
/// 2. [`access_log::log`] gives the request its id and writes a line for it.
/// 3. [`common_headers::add`] adds the headers that every answer has.
/// 4. [`cors::allow`] says what pages of other origins may do, and answers preflights.
/// 5. [`error_response::write`] writes every error in the one shape.
/// 6. [`guard::guard`] turns panics, and answers that take too long, into errors.
/// 7. [`limits::announce`] tells how the client stands with its limits.
/// 8. [`path::resolve`] finds the route behind every form of an address, and that of `HEAD`.
/// 9. [`routes::negotiate`] refuses clients that do not accept what the route answers with.
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
    // A request passes first what was wrapped last.
    app.wrap(from_fn(routes::negotiate))
        .wrap(from_fn(path::resolve))
        .wrap(from_fn(limits::announce))
        .wrap(from_fn(guard::guard))
        .wrap(from_fn(error_response::write))
        .wrap(from_fn(cors::allow))
        .wrap(from_fn(common_headers::add))
        .wrap(from_fn(access_log::log))
        .wrap(from_fn(connection::mark_busy))
}
