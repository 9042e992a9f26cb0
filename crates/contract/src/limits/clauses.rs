use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bookshelf_domain::Timestamp;
use bookshelf_domain::limits::{RateLimiter, Spent};
use chrono::TimeDelta;
use futures_channel::oneshot;

use crate::Fixture;
use crate::macros::{ensure, ensure_eq};
use crate::sample::moment;
use crate::saw::Must;

/// What a clause is checked on.
type Limits = Fixture<Arc<dyn RateLimiter>>;

async fn spend(limits: &Limits, key: &str) -> Spent {
    limits.spend(key, "5/minute".parse().must(), moment(0)).await.must()
}

async fn refund(limits: &Limits, key: &str) {
    limits.refund(key, "5/minute".parse().must(), moment(0)).await.must();
}

pub(super) async fn a_quota_is_spent_to_the_last_request(limits: Limits) {
    for left in (0..5).rev() {
        let spent = spend(&limits, "a").await;
        ensure_eq!((spent.allowed, spent.remaining), (true, left));
        ensure!((1..=60).contains(&spent.reset_seconds), "{spent:?}");
    }
    for _ in 0..2 {
        let refused = spend(&limits, "a").await;
        ensure_eq!((refused.allowed, refused.remaining), (false, 0));
        ensure!((1..=60).contains(&refused.reset_seconds), "{refused:?}");
    }
}

pub(super) async fn keys_do_not_share_a_window(limits: Limits) {
    for _ in 0..6 {
        spend(&limits, "a").await;
    }
    let other = spend(&limits, "b").await;
    ensure_eq!((other.allowed, other.remaining), (true, 4));
}

pub(super) async fn exactly_the_quota_is_allowed_under_concurrency(limits: Limits) {
    let answers = limits.at_once(64, |_| {
        let limits = Arc::clone(&limits);
        async move { limits.spend("a", "5/minute".parse().must(), moment(0)).await.must() }
    });
    let mut remaining = Vec::new();
    for spent in answers.await {
        if spent.allowed {
            remaining.push(spent.remaining);
        } else {
            ensure_eq!(spent.remaining, 0);
        }
    }
    remaining.sort_unstable();
    ensure_eq!(remaining, [0, 1, 2, 3, 4]);
}

pub(super) async fn a_window_ends_and_refusals_do_not_prolong_it(limits: Limits) {
    let (once, start) = ("1/second".parse().must(), Instant::now());
    // A limiter may go by the moment that it is given or by the clock of a server: both go on here.
    let now = || -> Timestamp { moment(0) + TimeDelta::from_std(start.elapsed()).must() };
    ensure!(limits.spend("a", once, now()).await.must().allowed, "a refusal of the first request");
    while !limits.spend("a", once, now()).await.must().allowed {
        ensure!(start.elapsed() < Duration::from_secs(20), "a window that does not end");
        pause(Duration::from_millis(50)).await;
    }
}

/// Waits without a runtime.
async fn pause(time: Duration) {
    let (over, wait) = oneshot::channel();
    thread::spawn(move || {
        thread::sleep(time);
        let _ = over.send(());
    });
    wait.await.must();
}

pub(super) async fn a_refund_allows_one_more_in_its_window(limits: Limits) {
    for _ in 0..6 {
        spend(&limits, "a").await;
    }
    refund(&limits, "a").await;
    let again = spend(&limits, "a").await;
    ensure_eq!((again.allowed, again.remaining), (true, 0));
    ensure!((1..=60).contains(&again.reset_seconds), "{again:?}");
    ensure!(!spend(&limits, "a").await.allowed, "one request more than was refunded");
}

pub(super) async fn a_refund_of_nothing_does_nothing(limits: Limits) {
    refund(&limits, "a").await;
    for left in (0..5).rev() {
        let spent = limits.spend("a", "5/minute".parse().must(), moment(30)).await.must();
        ensure_eq!((spent.allowed, spent.remaining), (true, left));
        ensure!(spent.reset_seconds > 30, "a window that began with the refund: {spent:?}");
    }
    let refused = limits.spend("a", "5/minute".parse().must(), moment(30)).await.must();
    ensure!(!refused.allowed, "more requests than the quota");
}
