//! The HTTP face of Bookshelf: JSON in and out over actix-web, and nothing else.
//!
//! A server wraps its application with [`wrap`], hands [`App`] to [`configure`], lets [`watch`] look
//! after its connections, and is done:
//!
//! ```text
//! let app = web::Data::new(App { … });
//! HttpServer::new(move || {
//!     wrap(actix_web::App::new()).configure(|config| configure(config, app.clone()))
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
mod routes;
mod service;
mod shelves;
mod time;
mod transfer;
mod users;

#[cfg(test)]
mod tests;

pub use app::{App, Readiness};
pub use http::{Context, CorsOrigins, Limits, Quotas, Settings, TrustedProxies, watch, wrap};
pub use routes::{configure, openapi};
pub use transfer::Transfers;
