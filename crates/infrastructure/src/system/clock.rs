use bookshelf_domain::{Clock, Timestamp};
use chrono::{SubsecRound, Utc};

/// The system's real-time clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter through which time enters")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_cut_to_microseconds_and_advances() {
        let earlier = SystemClock.now();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let later = SystemClock.now();
        assert_eq!(later.timestamp_subsec_nanos() % 1000, 0);
        assert!(earlier < later);
    }
}
