//! The HTTP interface of Bookshelf over actix-web: HTTP and JSON in and out, and nothing else.
//!
//! A server wraps its actix-web application with [`wrap`], registers the routes with [`configure`],
//! and lets [`watch`] close connections that keep it waiting:
//!
//! ```text
//! let app = web::Data::new(App { … });
//! let context = web::Data::new(Context { … });
//! HttpServer::new(move || {
//!     wrap(actix_web::App::new())
//!         .configure(|config| configure(config, app.clone(), context.clone()))
//! })
//! .on_connect(watch(limit, stall, closing))
//! ```

mod accounts;
mod api_keys;
mod app;
#[cfg(feature = "benchmarks")]
pub mod benchmarks;
mod books;
mod covers;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod http;
mod invites;
mod paths;
mod routes;
mod service;
mod shelves;
mod time;
mod transfer;
mod users;

#[cfg(test)]
mod tests;

pub use app::{App, Readiness};
#[cfg(feature = "otlp")]
pub use http::record_spans;
pub use http::{
    Context, CorsOrigins, Limits, LogAddress, Quotas, Settings, SlowReads, Switch, TrustedProxies,
    watch, wrap,
};
pub use routes::{configure, openapi, openapi_30};
pub use transfer::Transfers;
