//! The table of all metrics. docs/operations.md repeats it, and a test compares the two.

use super::Values::{Known, Of};
use super::{Kind, Label, Metric};

/// The buckets that OpenTelemetry advises for requests of HTTP.
const REQUESTS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The route of requests that no route matches.
pub const UNMATCHED: &str = "unmatched";

/// A method or a status that is not told apart.
pub const OTHER: &str = "_OTHER";

/// The methods of requests that are told apart.
pub const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER];

/// The statuses of responses that are told apart.
pub const STATUSES: &[&str] = &[
    "200", "201", "204", "302", "304", "308", "400", "401", "403", "404", "405", "406", "408",
    "409", "412", "413", "415", "422", "428", "429", "500", "503", "507", OTHER,
];

pub const REQUEST_DURATION: Metric = Metric {
    name: "http_server_request_duration_seconds",
    kind: Kind::Histogram(REQUESTS),
    labels: &[
        Label { name: "http_request_method", values: Of(METHODS) },
        Label { name: "http_route", values: Known("the routes of the API document, or unmatched") },
        Label { name: "http_response_status_code", values: Of(STATUSES) },
    ],
    help: "Time from the head of a request to the head of its response",
};

pub const ACTIVE_REQUESTS: Metric = Metric {
    name: "http_server_active_requests",
    kind: Kind::Gauge,
    labels: &[],
    help: "Requests that are being answered",
};

pub const BUILD_INFO: Metric = Metric {
    name: "bookshelf_build_info",
    kind: Kind::Gauge,
    labels: &[Label { name: "version", values: Known("the version of the program") }],
    help: "Always 1; the label is the version",
};

pub const LAST_BACKUP: Metric = Metric {
    name: "bookshelf_last_backup_timestamp_seconds",
    kind: Kind::Gauge,
    labels: &[],
    help: "When the last good backup was made, in seconds since 1970; 0 if there is none",
};

/// Every metric of Bookshelf, except those of the process, which `metrics-process` defines.
pub const METRICS: &[Metric] = &[REQUEST_DURATION, ACTIVE_REQUESTS, BUILD_INFO, LAST_BACKUP];
