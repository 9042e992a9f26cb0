use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bookshelf_domain::StoreError;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Postgres;
use bookshelf_domain::error_chain;

/// How often the lag of the replica is measured.
const MEASURE_EVERY: Duration = Duration::from_millis(500);

/// A streaming replica, and whether it is usable at the moment. Clones share this.
#[derive(Clone)]
pub struct Replica {
    postgres: Postgres,
    is_usable: Arc<AtomicBool>,
}

impl Replica {
    /// The replica is not used until [`Replica::watch`] has measured its lag.
    pub fn new(postgres: Postgres) -> Self {
        Self { postgres, is_usable: Arc::default() }
    }

    /// The replica, unless it fails or is too far behind.
    pub(crate) fn usable(&self) -> Option<&Postgres> {
        AtomicBool::load(&self.is_usable, Ordering::Relaxed).then_some(&self.postgres)
    }

    /// Stops using the replica until the next successful measurement.
    pub(crate) fn mark_unusable(&self, error: &StoreError) {
        self.set_usable(false, &error_chain(error));
    }

    /// Measures, in an endless loop, how far the replica is behind the primary.
    ///
    /// The replica is as current as a given moment if it has applied everything that the primary
    /// had written by then. This is also true for an idle primary and for a broken connection
    /// between the two, and needs no clock but that of this process. While the primary is
    /// unreachable, nothing is written, so the replica does not fall behind.
    pub async fn watch(self, primary: Postgres, max_lag: Duration) {
        let mut written = VecDeque::new();
        let mut ticks = interval(MEASURE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = Instant::now();
            if let Ok(lsn) = in_time(primary_lsn(&primary)).await {
                written.push_back((now, lsn));
            }
            match in_time(replica_lsn(&self.postgres)).await {
                Err(error) => self.mark_unusable(&error),
                Ok(applied) => {
                    while written.get(1).is_some_and(|(_, next)| *next <= applied) {
                        written.pop_front();
                    }
                    let is_usable = lag(&written, applied).is_some_and(|lag| lag <= max_lag);
                    self.set_usable(is_usable, &"it is too far behind");
                }
            }
            // Older measurements than these are not needed.
            while written.len() > 2
                && written.front().is_some_and(|(at, _)| at.elapsed() > max_lag * 2)
            {
                written.pop_front();
            }
        }
    }

    fn set_usable(&self, is_usable: bool, why: &dyn std::fmt::Display) {
        match (self.is_usable.swap(is_usable, Ordering::Relaxed), is_usable) {
            (false, true) => tracing::info!("anonymous reads use the replica"),
            (true, false) => tracing::warn!(%why, "anonymous reads use the primary"),
            _ => {}
        }
    }
}

/// The age of the state that the replica shows, or `None` if it is older than all measurements. The
/// first measurement is the latest one at which the primary had written no more than the replica
/// has applied.
fn lag(written: &VecDeque<(Instant, i64)>, applied: i64) -> Option<Duration> {
    match (written.front(), written.get(1)) {
        (Some((_, lsn)), _) if *lsn > applied => None,
        (Some(_), None) => Some(Duration::ZERO),
        // The replica may have been current until shortly before the next measurement, which shows
        // that it was not. The earlier time is the safe answer.
        (Some((at, _)), Some(_)) => Some(at.elapsed()),
        (None, _) => None,
    }
}

async fn in_time(
    lsn: impl Future<Output = Result<Option<i64>, StoreError>>,
) -> Result<i64, StoreError> {
    let unusable = |why: &str| StoreError::Unavailable(why.to_owned());
    let lsn = timeout(MEASURE_EVERY * 2, lsn).await;
    let lsn = lsn.map_err(|_| unusable("it does not respond"))?;
    lsn?.ok_or_else(|| unusable("it has applied nothing yet"))
}

async fn primary_lsn(postgres: &Postgres) -> Result<Option<i64>, StoreError> {
    read_lsn(postgres, "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint").await
}

async fn replica_lsn(postgres: &Postgres) -> Result<Option<i64>, StoreError> {
    read_lsn(postgres, "pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint").await
}

/// Reads a log sequence number (LSN), a position in the write-ahead log.
async fn read_lsn(
    postgres: &Postgres,
    expression: &'static str,
) -> Result<Option<i64>, StoreError> {
    postgres
        .read::<_, StoreError>(async move |conn: &mut &AsyncPgConnection| {
            Ok(diesel::select(sql::<Nullable<BigInt>>(expression)).get_result(conn).await?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_the_age_of_the_applied_state() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
        let written = VecDeque::from([(ago(9), 10), (ago(5), 20), (ago(1), 30)]);
        assert_eq!(lag(&written, 9), None, "older than all measurements");
        assert_eq!(lag(&written, 15).unwrap().as_secs(), 9);
        let applied_all = VecDeque::from([(ago(1), 30)]);
        assert_eq!(lag(&applied_all, 30), Some(Duration::ZERO));
        assert_eq!(lag(&VecDeque::new(), 30), None);
    }
}
