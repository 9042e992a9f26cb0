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

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A streaming replica, and whether it may be read from just now. Clones share it.
#[derive(Clone)]
pub struct Replica {
    postgres: Postgres,
    is_usable: Arc<AtomicBool>,
}

impl Replica {
    /// It is not read from before [`Replica::watch`] has seen it.
    pub fn new(postgres: Postgres) -> Self {
        Self { postgres, is_usable: Arc::default() }
    }

    /// The replica, while it is not further behind than it may be.
    pub(crate) fn usable(&self) -> Option<&Postgres> {
        AtomicBool::load(&self.is_usable, Ordering::Relaxed).then_some(&self.postgres)
    }

    /// Leaves it out until it is seen to be well again.
    pub(crate) fn leave_out(&self, error: &StoreError) {
        self.set_usable(false, &format_args!("{error}"));
    }

    /// Measures how far it is behind its primary, for ever.
    ///
    /// It is up to date with a moment when it has applied what the primary had written by then. That
    /// holds of an idle primary and of a broken connection between the two, and needs no clock but
    /// this one. While the primary is away nothing is written there, so nobody falls behind.
    pub async fn watch(self, primary: Postgres, most: Duration) {
        let mut written = VecDeque::new();
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = Instant::now();
            if let Ok(place) = in_time(place_of_primary(&primary)).await {
                written.push_back((now, place));
            }
            match in_time(place_of_replica(&self.postgres)).await {
                Err(error) => self.leave_out(&error),
                Ok(place) => {
                    while written.get(1).is_some_and(|(_, next)| *next <= place) {
                        written.pop_front();
                    }
                    let is_usable = lag(&written, place).is_some_and(|lag| lag <= most);
                    self.set_usable(is_usable, &"it is too far behind");
                }
            }
            // As long as anybody may want to know, and not longer.
            while written.len() > 2
                && written.front().is_some_and(|(at, _)| at.elapsed() > most * 2)
            {
                written.pop_front();
            }
        }
    }

    fn set_usable(&self, is_usable: bool, why: &dyn std::fmt::Display) {
        match (self.is_usable.swap(is_usable, Ordering::Relaxed), is_usable) {
            (false, true) => tracing::info!("anonymous reads go to the replica"),
            (true, false) => tracing::warn!(%why, "the replica is left out"),
            _ => {}
        }
    }
}

/// How old what the replica shows is, if that is known: the primary had written no more than it has
/// applied at the first of these moments.
fn lag(written: &VecDeque<(Instant, i64)>, applied: i64) -> Option<Duration> {
    match (written.front(), written.get(1)) {
        (Some((_, place)), _) if *place > applied => None,
        (Some(_), None) => Some(Duration::ZERO),
        // Until the next look it was up to date, as far as anybody knows.
        (Some((at, _)), Some(_)) => Some(at.elapsed()),
        (None, _) => None,
    }
}

async fn in_time(
    place: impl Future<Output = Result<Option<i64>, StoreError>>,
) -> Result<i64, StoreError> {
    let away = |why: &str| StoreError::Unavailable(why.to_owned());
    let place = timeout(LOOK_EVERY * 2, place).await.map_err(|_| away("it does not answer"))?;
    place?.ok_or_else(|| away("it has applied nothing yet"))
}

async fn place_of_primary(postgres: &Postgres) -> Result<Option<i64>, StoreError> {
    place(postgres, "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint").await
}

async fn place_of_replica(postgres: &Postgres) -> Result<Option<i64>, StoreError> {
    place(postgres, "pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint").await
}

/// A place in the write-ahead log.
async fn place(postgres: &Postgres, text: &'static str) -> Result<Option<i64>, StoreError> {
    postgres
        .read::<_, StoreError>(async move |conn: &mut &AsyncPgConnection| {
            Ok(diesel::select(sql::<Nullable<BigInt>>(text)).get_result(conn).await?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_old_as_what_it_has_applied() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
        let written = VecDeque::from([(ago(9), 10), (ago(5), 20), (ago(1), 30)]);
        assert_eq!(lag(&written, 9), None, "older than anybody remembers");
        assert_eq!(lag(&written, 15).unwrap().as_secs(), 9);
        let applied_all = VecDeque::from([(ago(1), 30)]);
        assert_eq!(lag(&applied_all, 30), Some(Duration::ZERO));
        assert_eq!(lag(&VecDeque::new(), 30), None);
    }
}
