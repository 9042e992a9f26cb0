//! The metrics of Bookshelf: the table of all metrics, and the switch that turns measuring on.
//!
//! The layers record through the facade [`metrics`], and the server installs the recorder. Without a
//! recorder nothing is recorded. Code that runs for every request or statement asks [`are_on`] first,
//! so that it does not even look at the clock.

mod table;

use std::sync::atomic::{AtomicBool, Ordering};

pub use metrics::{SharedString, counter, gauge, histogram};
pub use table::*;

use metrics::{Recorder, SetRecorderError, Unit};

/// A metric, as the table describes it.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [Label],
    pub help: &'static str,
}

/// The type of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Counter,
    Gauge,
    /// Durations in seconds. It has the upper bounds of its buckets.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The name of the type in the text format of Prometheus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// A label of a metric, and the values that it can have.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    pub name: &'static str,
    pub values: Values,
}

/// The values of a label. Every label has a bounded number of them.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    /// Exactly these.
    Of(&'static [&'static str]),
    /// Values that the program knows, but that are too many for the table, such as its routes.
    Known(&'static str),
}

static ON: AtomicBool = AtomicBool::new(false);

/// Whether anything is measured.
pub fn are_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Turns measuring on for the whole process, and describes every metric to the recorder. Counters
/// without unknown values begin at 0, because Prometheus sees no increase in a series that begins
/// with 1.
pub fn start<R: Recorder + Sync + 'static>(recorder: R) -> Result<(), SetRecorderError<R>> {
    metrics::set_global_recorder(recorder)?;
    for metric in METRICS {
        metric.describe();
    }
    ON.store(true, Ordering::Relaxed);
    Ok(())
}

impl Metric {
    fn describe(&self) {
        let Self { name, help, .. } = *self;
        match self.kind {
            Kind::Counter => {
                metrics::describe_counter!(name, help);
                self.begin_at_zero();
            }
            Kind::Gauge => metrics::describe_gauge!(name, help),
            Kind::Histogram(_) => metrics::describe_histogram!(name, Unit::Seconds, help),
        }
    }

    /// Makes a series for every combination of the values of the labels.
    fn begin_at_zero(&self) {
        let mut series: Vec<Vec<metrics::Label>> = vec![Vec::new()];
        for label in self.labels {
            let Values::Of(values) = label.values else { return };
            let longer = |labels: &Vec<metrics::Label>| {
                let labels = labels.clone();
                values.iter().map(move |value| {
                    let mut labels = labels.clone();
                    labels.push(metrics::Label::from_static_parts(label.name, value));
                    labels
                })
            };
            series = series.iter().flat_map(longer).collect();
        }
        for labels in series {
            metrics::counter!(self.name, labels).absolute(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(metric: &Metric) -> String {
        let Metric { name, kind, labels, help } = metric;
        let labels = labels.iter().map(|label| match label.values {
            Values::Of(values) => format!("`{}`: {}", label.name, values.join(", ")),
            Values::Known(what) => format!("`{}`: {what}", label.name),
        });
        let labels: Vec<_> = labels.collect();
        let labels = if labels.is_empty() { "–".to_owned() } else { labels.join("; ") };
        format!("| `{name}` | {} | {labels} | {help} |", kind.name())
    }

    #[test]
    fn the_documentation_has_the_same_table() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");
        let docs = std::fs::read_to_string(docs).unwrap();
        let section = docs.split("\n## ").find(|section| section.starts_with("Metrics\n")).unwrap();
        let documented = section.lines().filter(|line| line.starts_with("| `"));
        let documented: Vec<_> = documented.collect();
        let expected: Vec<_> = METRICS.iter().map(row).collect();
        assert_eq!(documented, expected, "write it again:\n{}", expected.join("\n"));
    }

    #[test]
    fn no_metric_is_named_twice_and_counters_end_in_total() {
        let mut names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), METRICS.len());
        for metric in METRICS {
            let is_counter = metric.kind == Kind::Counter;
            assert_eq!(metric.name.ends_with("_total"), is_counter, "{}", metric.name);
        }
    }
}
