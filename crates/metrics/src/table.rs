//! The table of all metrics. docs/operations.md repeats it, and a test compares the two.

use super::Values::{Known, Of};
use super::{Kind, Label, Metric};

/// The buckets that OpenTelemetry advises for requests of HTTP.
const REQUESTS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The buckets that OpenTelemetry advises for operations of databases.
const OPERATIONS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

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

pub const OPERATION_DURATION: Metric = Metric {
    name: "db_client_operation_duration_seconds",
    kind: Kind::Histogram(OPERATIONS),
    labels: &[
        Label { name: "db_system_name", values: Of(&["sqlite", "postgresql"]) },
        Label {
            name: "db_operation_name",
            values: Of(&["read", "query", "scan", "statement", "write"]),
        },
        Label { name: "outcome", values: Of(&["done", "refused", "failed", "busy"]) },
    ],
    help: "Time of a read of a few rows, a longer query, a scan of several, a statement or a \
        transaction that writes, with its wait; a rule refused it, the database failed, or the queue \
        was full",
};

pub const QUEUE_LENGTH: Metric = Metric {
    name: "bookshelf_queue_length",
    kind: Kind::Gauge,
    labels: &[QUEUE],
    help: "Jobs that wait for a thread: of SQLite, of hashing passwords, of reading covers",
};

pub const QUEUE_WAIT: Metric = Metric {
    name: "bookshelf_queue_wait_seconds",
    kind: Kind::Histogram(OPERATIONS),
    labels: &[QUEUE],
    help: "Time that a job waited for a thread",
};

const QUEUE: Label = Label {
    name: "queue",
    values: Of(&["sqlite-read", "sqlite-scan", "sqlite-write", "bcrypt", "covers"]),
};

pub const CONNECTION_COUNT: Metric = Metric {
    name: "db_client_connection_count",
    kind: Kind::Gauge,
    labels: &[Label { name: "db_client_connection_state", values: Of(&["used", "idle"]) }],
    help: "Connections of the pools of PostgreSQL, without those that point reads share",
};

pub const PENDING_REQUESTS: Metric = Metric {
    name: "db_client_connection_pending_requests",
    kind: Kind::Gauge,
    labels: &[],
    help: "Jobs that wait for a connection to PostgreSQL",
};

pub const CONNECTION_WAIT: Metric = Metric {
    name: "db_client_connection_wait_time_seconds",
    kind: Kind::Histogram(OPERATIONS),
    labels: &[],
    help: "Time that a job waited for a connection to PostgreSQL",
};

pub const CONNECTION_TIMEOUTS: Metric = Metric {
    name: "db_client_connection_timeouts_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Jobs that got no connection to PostgreSQL in time",
};

pub const IMPORTED_ROWS: Metric = Metric {
    name: "bookshelf_imported_rows_total",
    kind: Kind::Counter,
    labels: &[
        CONTENT,
        Label { name: "outcome", values: Of(&["created", "updated", "skipped", "failed"]) },
    ],
    help: "Rows of imports over HTTP, counted at the end of each import",
};

pub const EXPORTED_ROWS: Metric = Metric {
    name: "bookshelf_exported_rows_total",
    kind: Kind::Counter,
    labels: &[CONTENT],
    help: "Rows of exports over HTTP",
};

const CONTENT: Label = Label { name: "content", values: Of(&["books", "history"]) };

pub const LOGINS: Metric = Metric {
    name: "bookshelf_logins_total",
    kind: Kind::Counter,
    labels: &[Label { name: "outcome", values: Of(&["succeeded", "failed"]) }],
    help: "Logins whose password was checked",
};

pub const RATE_LIMIT_REFUSALS: Metric = Metric {
    name: "bookshelf_rate_limit_refusals_total",
    kind: Kind::Counter,
    labels: &[Label {
        name: "limit",
        values: Of(&["login", "login-account", "register", "password", "write", "read"]),
    }],
    help: "Requests that a rate limit refused",
};

pub const REDIS_UP: Metric = Metric {
    name: "bookshelf_redis_up",
    kind: Kind::Gauge,
    labels: &[],
    help: "Whether Redis answers (1) or not (0); missing without BOOKSHELF_REDIS_URL",
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
pub const METRICS: &[Metric] = &[
    REQUEST_DURATION,
    ACTIVE_REQUESTS,
    OPERATION_DURATION,
    QUEUE_LENGTH,
    QUEUE_WAIT,
    CONNECTION_COUNT,
    PENDING_REQUESTS,
    CONNECTION_WAIT,
    CONNECTION_TIMEOUTS,
    IMPORTED_ROWS,
    EXPORTED_ROWS,
    LOGINS,
    RATE_LIMIT_REFUSALS,
    REDIS_UP,
    LAST_BACKUP,
    BUILD_INFO,
];
