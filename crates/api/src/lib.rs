//! The HTTP face of Bookshelf: JSON in and out over actix-web, and nothing else.
//!
//! A server wraps its application in [`entry`], hands [`App`] to [`configure`], lets [`watch`] look
//! after its connections, and is done:
//!
//! ```text
//! let app = web::Data::new(App { … });
//! HttpServer::new(move || {
//!     actix_web::App::new().wrap(from_fn(entry)).configure(|config| configure(config, app.clone()))
//! })
//! .on_connect(watch(limit, stall))
//! ```

mod accounts;
mod api_keys;
mod app;
mod books;
mod covers;
mod http;
mod paths;
mod service;
mod shelves;
mod time;
mod transfer;
mod users;

#[cfg(test)]
mod tests;

pub use app::{App, Readiness, Settings, configure};
pub use http::{CorsOrigins, Limits, Quotas, TrustedProxies, entry, watch};
pub use service::openapi;
pub use transfer::Transfers;
