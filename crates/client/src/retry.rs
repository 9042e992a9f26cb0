use std::time::Duration;

use reqwest::Method;

use crate::Error;

/// When a request is sent again.
///
/// A request that gets 429 or 507 was not carried out, so it is sent again after the time that the
/// response names. A request that gets 503, or whose connection broke, may have been carried out. It is
/// sent again only if that does no harm: reads, changes without an entity tag, deletions, and creations,
/// because the client gives each an idempotency key. A body that is a stream is sent only once.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// How often a request is sent at most.
    pub attempts: u32,
    /// The longest time to wait before a request is sent again. If the server asks for more, the call
    /// fails at once.
    pub longest_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 4, longest_wait: Duration::from_secs(60) }
    }
}

/// Whether a request can be sent again if it is not known whether it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Harmless,
    Harmful,
}

impl Repeat {
    /// A conditional change is refused if it was carried out already, and that looks like a conflict.
    pub(crate) fn of(method: &Method, is_conditional: bool) -> Self {
        match *method != Method::POST && !is_conditional {
            true => Self::Harmless,
            false => Self::Harmful,
        }
    }
}

impl Retry {
    /// How long to wait before a request is sent again that has failed so often, or `None` if it must
    /// not be.
    pub(crate) fn wait(&self, error: &Error, repeat: Repeat, failures: u32) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let is_harmless = repeat == Repeat::Harmless;
        let wait = match error {
            Error::Api(error) => {
                let may_be_sent = match error.status {
                    429 | 507 => true,
                    503 => is_harmless,
                    _ => false,
                };
                error.retry_after.filter(|_| may_be_sent)?
            }
            // A proxy answers so while the server restarts.
            Error::Response { status: 502..=504, .. } if is_harmless => pause(failures),
            Error::Connection(error) if is_harmless || error.is_connect() => pause(failures),
            _ => return None,
        };
        (wait <= self.longest_wait).then_some(wait)
    }
}

/// A pause that doubles with each failure, and differs between clients, so that they do not all come
/// back at once.
fn pause(failures: u32) -> Duration {
    let mut random = [0];
    // Without randomness the pauses of clients are equal, which does no harm.
    let _: Result<(), getrandom::Error> = getrandom::fill(&mut random);
    let [random] = random;
    let most = Duration::from_millis(200) * 2_u32.saturating_pow(failures.min(8));
    most / 2 + most * u32::from(random) / 512
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, RETRY_AFTER};

    use super::*;

    fn refused(status: u16, seconds: u32) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, seconds.into());
        let body = r#"{"error": {"reason": "x", "message": "x", "request_id": "x"}}"#;
        Error::of(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn only_what_does_no_harm_is_sent_again() {
        let retry = Retry::default();
        let wait = |status, repeat| retry.wait(&refused(status, 2), repeat, 1);
        let two = Some(Duration::from_secs(2));
        for status in [429, 507] {
            assert_eq!(wait(status, Repeat::Harmful), two, "{status}");
        }
        assert_eq!(wait(503, Repeat::Harmful), None);
        assert_eq!(wait(503, Repeat::Harmless), two);
        assert_eq!(wait(500, Repeat::Harmless), None);
        assert_eq!(wait(422, Repeat::Harmless), None);
    }

    #[test]
    fn attempts_and_waits_are_bounded() {
        let retry = Retry { attempts: 3, longest_wait: Duration::from_secs(5) };
        assert!(retry.wait(&refused(429, 5), Repeat::Harmless, 2).is_some());
        assert!(retry.wait(&refused(429, 5), Repeat::Harmless, 3).is_none());
        assert!(retry.wait(&refused(429, 6), Repeat::Harmless, 1).is_none());
        for failures in 1..20 {
            let most = Duration::from_millis(200) * 2_u32.pow(failures.min(8));
            let pause = pause(failures);
            assert!(most / 2 <= pause && pause <= most, "{pause:?}");
        }
    }

    #[test]
    fn a_conditional_change_is_not_repeated_blindly() {
        assert_eq!(Repeat::of(&Method::PUT, false), Repeat::Harmless);
        assert_eq!(Repeat::of(&Method::PUT, true), Repeat::Harmful);
        assert_eq!(Repeat::of(&Method::POST, false), Repeat::Harmful);
    }
}
