//! Sends the spans of requests to a collector by OTLP. The standard variables of OpenTelemetry say how,
//! and its SDK reads them.

use std::env;
use std::time::Duration;

use bookshelf_domain::StoreError;
use bookshelf_infrastructure::Outage;
use opentelemetry::KeyValue;
use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, SpanExporter as OtlpExporter,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Runtime;

use crate::commands;
use crate::failure::Failure;

/// How long a server that stops waits until the collector has the last spans.
const FLUSH_WITHIN: Duration = Duration::from_secs(3);

/// The spans of requests on their way to the collector.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send spans if the environment names a collector. A thread of its own sends them in
    /// batches. If its queue is full, spans are dropped.
    pub(crate) fn start() -> Result<Option<Self>, Failure> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if !is_set(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) && !is_set(OTEL_EXPORTER_OTLP_ENDPOINT) {
            return Ok(None);
        }
        let builder = SdkTracerProvider::builder().with_resource(resource());
        let provider = builder.with_batch_exporter(Exporter::new()?).build();
        bookshelf_api::record_spans(BoxedTracer::new(Box::new(provider.tracer("bookshelf"))));
        tracing::info!("sending traces");
        Ok(Some(Self(provider)))
    }

    /// Sends the spans that are still queued.
    pub(crate) fn stop(self, within: Duration) {
        if let Err(error) = self.0.shutdown_with_timeout(FLUSH_WITHIN.min(within)) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// What the spans say about this process. `OTEL_SERVICE_NAME` comes before `OTEL_RESOURCE_ATTRIBUTES`,
/// and both before the defaults.
fn resource() -> Resource {
    let defaults = [
        KeyValue::new("service.name", "bookshelf"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
    ];
    let resource = Resource::builder().with_attributes(defaults);
    let resource = resource.with_detector(Box::new(EnvResourceDetector::new()));
    match env::var("OTEL_SERVICE_NAME") {
        Ok(name) if !name.is_empty() => resource.with_service_name(name).build(),
        _ => resource.build(),
    }
}

/// Sends batches, and reports an outage of the collector instead of each batch that was lost.
#[derive(Debug)]
struct Exporter {
    otlp: OtlpExporter,
    /// The thread of the batches has no runtime, and the client needs one.
    runtime: Runtime,
    outage: Outage,
}

impl Exporter {
    fn new() -> Result<Self, Failure> {
        let otlp = OtlpExporter::builder().with_http().build();
        let otlp = otlp.map_err(|error| Failure::Usage(format!("cannot send traces: {error}")))?;
        let outage = Outage::of("the collector of traces");
        Ok(Self { otlp, runtime: commands::runtime()?, outage })
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        match self.runtime.block_on(self.otlp.export(batch)) {
            Ok(()) => self.outage.worked(),
            Err(error) => self.outage.failed(&StoreError::Unavailable(error.to_string())),
        }
        // The SDK would log each failure.
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.otlp.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}
