//! The bounds of settings that are numbers or durations.

use std::fmt;
use std::time::Duration;

use bookshelf_domain::limits::Quota;

/// The least and the largest value of a setting. The settings are parsed by them, and the help and
/// the tests read them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bounds {
    Numbers(usize, usize),
    Times(Duration, Duration),
    /// The least number of requests, and the largest. The window is a unit of time.
    Quotas(u32, u32),
}

const SECOND: Duration = Duration::from_secs(1);
/// Adding this to a point in time cannot overflow.
const HUNDRED_YEARS: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The framework serves at most 512 workers. Each worker takes about three file descriptors, and the
/// default of most systems is 1024.
pub(super) const WORKERS: Bounds = Bounds::Numbers(1, 256);
pub(super) const BCRYPT_COST: Bounds = Bounds::Numbers(10, 15);
/// In KiB.
pub(super) const JSON_LIMIT: Bounds = Bounds::Numbers(1, 65_536);
/// The JSON parser itself refuses more than 128 levels.
pub(super) const JSON_DEPTH: Bounds = Bounds::Numbers(1, 100);
pub(super) const CONNECTIONS: Bounds = Bounds::Numbers(1, 1_000_000);
pub(super) const BACKUP_KEEP: Bounds = Bounds::Numbers(1, 10_000);
/// A duration that may be 0 for "not at all".
pub(super) const PAUSE: Bounds = Bounds::Times(Duration::ZERO, HUNDRED_YEARS);
pub(super) const LIFETIME: Bounds = Bounds::Times(SECOND, HUNDRED_YEARS);
pub(super) const QUOTA: Bounds = Bounds::Quotas(1, u32::MAX);

impl Bounds {
    pub(super) fn number(self, text: &str) -> Result<usize, String> {
        match (text.parse(), self) {
            (Ok(number), Self::Numbers(least, most)) if (least..=most).contains(&number) => {
                Ok(number)
            }
            _ => Err(format!("must be a number {self}, not \"{text}\"")),
        }
    }

    pub(super) fn time(self, text: &str) -> Result<Duration, String> {
        match (humantime::parse_duration(text), self) {
            (Ok(time), Self::Times(least, most)) if (least..=most).contains(&time) => Ok(time),
            (Ok(_), _) => Err(format!("must be a duration {self}, not \"{text}\"")),
            (Err(_), _) => {
                Err(format!("must be a duration such as 30s, 15m or 14d, {self}, not \"{text}\""))
            }
        }
    }

    pub(super) fn quota(self, text: &str) -> Result<Quota, String> {
        match (text.parse::<Quota>(), self) {
            (Ok(quota), Self::Quotas(least, most))
                if (least..=most).contains(&quota.requests.get()) =>
            {
                Ok(quota)
            }
            (Ok(_), _) => Err(format!("must be {self}, or be off, not \"{text}\"")),
            (Err(fault), _) => Err(format!("{fault}, or be off, not \"{text}\"")),
        }
    }

    /// The text of the least and of the largest value.
    pub(super) fn ends(self) -> [String; 2] {
        let time = |time: Duration| match time {
            HUNDRED_YEARS => "36500days".to_owned(),
            _ => humantime::format_duration(time).to_string(),
        };
        match self {
            Self::Numbers(least, most) => [least.to_string(), most.to_string()],
            Self::Times(least, most) => [time(least), time(most)],
            Self::Quotas(least, most) => [format!("{least}/day"), format!("{most}/second")],
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [least, most] = self.ends();
        write!(f, "from {least} to {most}")
    }
}
