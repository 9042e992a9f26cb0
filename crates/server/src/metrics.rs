//! The metrics of the server, on a listener of their own. Operators reach it, and clients do not.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::StatusCode;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::{self, time};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use bookshelf_metrics::{BUILD_INFO, Kind, METRICS, REDIS_UP, gauge};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use metrics_process::Collector;

use crate::checks::Checks;
use crate::failure::Failure;

/// How often measured times are sorted into their buckets. They take memory until then.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What has been measured since the start.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorded: PrometheusHandle,
    process: Collector,
}

impl Metrics {
    /// Turns measuring on. It comes before everything that is measured.
    pub(crate) fn start() -> Result<Self, Failure> {
        let cannot_measure =
            |error: &dyn std::error::Error| Failure::because("cannot measure", error);
        let recorder = recorder().map_err(|error| cannot_measure(&error))?;
        let recorded = recorder.handle();
        bookshelf_metrics::start(recorder).map_err(|error| cannot_measure(&error))?;
        gauge!(BUILD_INFO.name, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        let process = Collector::default();
        process.describe();
        Ok(Self { recorded, process })
    }

    /// Serves the metrics, and what is wrong with the server, on this address until the listener is
    /// stopped. It goes on while the server drains.
    pub(crate) fn listen(self, address: SocketAddr, checks: Checks) -> Result<Listener, Failure> {
        let upkeep = rt::spawn(keep_up(self.recorded.clone()));
        let (metrics, checks) = (Data::new(self), Data::new(checks));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(metrics.clone())
                .app_data(checks.clone())
                .route("/metrics", web::get().to(render))
                .route("/health/ready", web::get().to(ready))
        })
        .workers(1)
        .disable_signals()
        .bind(address)
        .map_err(|error| {
            Failure::because(format_args!("cannot serve metrics on {address}"), &error)
        })?;
        for address in server.addrs() {
            tracing::info!(%address, "serving metrics");
        }
        Ok(Listener::run(server.run(), upkeep))
    }
}

/// The running listener of the metrics.
pub(crate) struct Listener {
    server: ServerHandle,
    upkeep: JoinHandle<()>,
}

impl Listener {
    fn run(server: Server, upkeep: JoinHandle<()>) -> Self {
        let handle = server.handle();
        rt::spawn(server);
        Self { server: handle, upkeep }
    }

    pub(crate) async fn stop(self) {
        self.upkeep.abort();
        self.server.stop(false).await;
    }
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for metric in METRICS {
        if let Kind::Histogram(buckets) = metric.kind {
            let name = Matcher::Full(metric.name.to_owned());
            builder = builder.set_buckets_for_metric(name, buckets)?;
        }
    }
    Ok(builder.build_recorder())
}

async fn keep_up(recorded: PrometheusHandle) {
    loop {
        time::sleep(UPKEEP_EVERY).await;
        recorded.run_upkeep();
    }
}

/// Redis is asked at every scrape, because requests do not ask it for a while after it failed.
async fn render(metrics: Data<Metrics>, checks: Data<Checks>) -> HttpResponse {
    if let Some(checked) = checks.redis().await {
        gauge!(REDIS_UP.name).set(f64::from(u8::from(checked.is_ok())));
    }
    metrics.process.collect();
    HttpResponse::Ok().content_type(TEXT).body(metrics.recorded.render())
}

/// Says what is wrong. The same path of the public listener answers with the status alone.
async fn ready(checks: Data<Checks>) -> HttpResponse {
    let (is_ready, report) = checks.report().await;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(report)
}
