use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bookshelf_domain::StoreError;

/// How often the log says that an outage goes on.
const REPORT_EVERY: Duration = Duration::from_secs(60);
/// An outage is over when something works and nothing has failed for this long. So failures between
/// successes are one outage.
const CALM: Duration = Duration::from_secs(5);

/// Reports in the log that something the server needs is away: one line when that begins, one each
/// minute while it goes on, and one when it is over. The number of requests makes no difference.
#[derive(Debug)]
pub struct Outage {
    /// What is away.
    of: &'static str,
    is_on: AtomicBool,
    ongoing: Mutex<Option<Ongoing>>,
}

#[derive(Debug)]
struct Ongoing {
    began: Instant,
    reported: Instant,
    latest: Instant,
    failures: u64,
}

impl Outage {
    pub fn of(of: &'static str) -> Self {
        Self { of, is_on: AtomicBool::new(false), ongoing: Mutex::new(None) }
    }

    /// Notes a success, or a failure that is an outage, and returns the outcome. Other failures say
    /// nothing about outages.
    pub(crate) fn noted<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        match &outcome {
            Ok(_) => self.worked(),
            Err(error) => self.failed(error),
        }
        outcome
    }

    pub fn failed(&self, error: &StoreError) {
        if let StoreError::Unavailable(cause) | StoreError::Full(cause) = error {
            self.failed_at(cause, Instant::now());
        }
    }

    pub fn worked(&self) {
        // Nearly every call ends here.
        if self.is_on.load(Ordering::Relaxed) {
            self.worked_at(Instant::now());
        }
    }

    fn failed_at(&self, cause: &str, now: Instant) {
        let mut ongoing = self.ongoing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &mut *ongoing else {
            *ongoing = Some(Ongoing { began: now, reported: now, latest: now, failures: 1 });
            self.is_on.store(true, Ordering::Relaxed);
            tracing::warn!(of = self.of, cause, "an outage has begun");
            return;
        };
        known.failures += 1;
        known.latest = now;
        if now.saturating_duration_since(known.reported) >= REPORT_EVERY {
            known.reported = now;
            let seconds = now.saturating_duration_since(known.began).as_secs();
            let failures = known.failures;
            tracing::warn!(of = self.of, cause, failures, seconds, "an outage goes on");
        }
    }

    fn worked_at(&self, now: Instant) {
        let mut ongoing = self.ongoing.lock().unwrap_or_else(PoisonError::into_inner);
        let over = ongoing.take_if(|known| now.saturating_duration_since(known.latest) >= CALM);
        if let Some(Ongoing { began, failures, .. }) = over {
            self.is_on.store(false, Ordering::Relaxed);
            let seconds = now.saturating_duration_since(began).as_secs();
            tracing::info!(of = self.of, failures, seconds, "an outage is over");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that the work logs.
    fn logged(work: impl FnOnce(&Outage)) -> Vec<String> {
        let written = Written::default();
        let writer = written.clone();
        let log = tracing_subscriber::fmt().without_time().with_ansi(false);
        let log = log.with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(log, || work(&Outage::of("the test")));
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_outage_has_a_line_at_its_beginning_each_minute_and_at_its_end() {
        let lines = logged(|outage| {
            let start = Instant::now();
            let after = |seconds| start + Duration::from_secs(seconds);
            outage.worked();
            for second in 0..=61 {
                outage.failed_at("gone", after(second));
                outage.worked_at(after(second + 4));
            }
            outage.worked_at(after(66));
            outage.worked();
        });
        let ends = [
            "an outage has begun of=\"the test\" cause=\"gone\"",
            "an outage goes on of=\"the test\" cause=\"gone\" failures=61 seconds=60",
            "an outage is over of=\"the test\" failures=62 seconds=66",
        ];
        assert_eq!(lines.len(), ends.len(), "{lines:#?}");
        for (line, end) in lines.iter().zip(ends) {
            assert!(line.ends_with(end), "{line}");
        }
    }

    #[test]
    fn a_failure_of_another_kind_is_no_outage() {
        let lines = logged(|outage| outage.failed(&StoreError::unexpected("a bug")));
        assert_eq!(lines, Vec::<String>::new());
        let full = StoreError::Full("no space".to_owned());
        assert_eq!(logged(|outage| outage.failed(&full)).len(), 1);
    }
}
