//! Faults of the stores of covers and of rate limits.

use std::sync::Arc;

use bookshelf_contract::{Fixture, covers, limits};
use bookshelf_domain::covers::{CoverName, CoverStore, MockCoverStore};
use bookshelf_domain::limits::{MockRateLimiter, Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};
use bookshelf_memory::{Memory, MemoryRateLimiter};
use chrono::TimeDelta;

use crate::plant::now;

/// A store of covers that does as the memory adapter does, but for what `plant` says.
fn planted(
    memory: &Memory,
    plant: fn(&mut MockCoverStore, Arc<dyn CoverStore>),
) -> Arc<dyn CoverStore> {
    let (mut mock, store) = (MockCoverStore::new(), memory.covers());
    plant(&mut mock, store.clone());
    let it = store.clone();
    mock.expect_put().returning(move |name, images| now(it.put(name, images)));
    let it = store.clone();
    mock.expect_get().returning(move |name, size| now(it.get(name, size)));
    let it = store.clone();
    mock.expect_delete().returning(move |name| now(it.delete(name)));
    mock.expect_list().returning(move |part| now(store.list(part)));
    Arc::new(mock)
}

async fn broken(
    plant: fn(&mut MockCoverStore, Arc<dyn CoverStore>),
    forgets: bool,
) -> Vec<&'static str> {
    let store = || async {
        let memory = Memory::new();
        let covers = planted(&memory, plant);
        let opened = if forgets { Memory::new() } else { memory };
        Fixture::new(covers).reopen(move || std::future::ready(planted(&opened, plant)))
    };
    let report = covers::run_all(store).await;
    assert_eq!(report.skipped, []);
    report.broken.iter().map(|broken| broken.clause.name).collect()
}

#[tokio::test]
async fn every_fault_of_a_store_of_covers_is_found() {
    assert_eq!(broken(|_, _| (), false).await, [""; 0]);
    let forgotten = broken(|_, _| (), true).await;
    assert_eq!(forgotten, ["what_was_written_is_there_after_reopening"]);

    let same_name_whatever_the_format = broken(
        |mock, store| {
            mock.expect_put().returning(move |name, images| {
                let jpeg =
                    CoverName { format: bookshelf_domain::covers::CoverFormat::Jpeg, ..name };
                now(store.put(jpeg, images))
            });
        },
        false,
    );
    assert_eq!(same_name_whatever_the_format.await, ["an_image_is_got_as_it_was_put"]);

    let deletes_every_time_of_a_hash = broken(
        |mock, store| {
            mock.expect_delete().returning(move |name| {
                for other in now(store.list(name.hash.part()))? {
                    now(store.delete(other))?;
                }
                Ok(())
            });
        },
        false,
    );
    assert_eq!(
        deletes_every_time_of_a_hash.await,
        ["what_was_deleted_or_never_there_is_none", "what_was_written_is_there_after_reopening"]
    );

    let names_a_cover_for_each_image = broken(
        |mock, store| {
            mock.expect_list().returning(move |part| {
                let names = now(store.list(part))?;
                Ok(if names.len() > 1 { [names.clone(), names].concat() } else { names })
            });
        },
        false,
    );
    assert_eq!(names_a_cover_for_each_image.await, ["a_part_names_its_covers_once"]);
}

type Spend = fn(&MemoryRateLimiter, &str, Quota, Timestamp) -> Result<Spent, StoreError>;
type Refund = fn(&MemoryRateLimiter, &str, Quota, Timestamp) -> Result<(), StoreError>;

fn spend(
    it: &MemoryRateLimiter,
    key: &str,
    quota: Quota,
    at: Timestamp,
) -> Result<Spent, StoreError> {
    now(it.spend(key, quota, at))
}

fn refund(
    it: &MemoryRateLimiter,
    key: &str,
    quota: Quota,
    at: Timestamp,
) -> Result<(), StoreError> {
    now(it.refund(key, quota, at))
}

async fn broken_limits(spend: Spend, refund: Refund) -> Vec<&'static str> {
    let limiter = || async {
        let memory = Arc::new(MemoryRateLimiter::new(100));
        let (mut mock, other) = (MockRateLimiter::new(), memory.clone());
        mock.expect_spend().returning(move |key, quota, at| spend(&memory, key, quota, at));
        mock.expect_refund().returning(move |key, quota, at| refund(&other, key, quota, at));
        Fixture::new(Arc::new(mock) as Arc<dyn RateLimiter>)
    };
    let report = limits::run_all(limiter).await;
    report.broken.iter().map(|broken| broken.clause.name).collect()
}

#[tokio::test]
async fn every_fault_of_a_rate_limiter_is_found() {
    assert_eq!(broken_limits(spend, refund).await, [""; 0]);

    let tells_the_end_in_milliseconds = broken_limits(
        |it, key, quota, at| {
            let spent = spend(it, key, quota, at)?;
            Ok(Spent { reset_seconds: spent.reset_seconds * 1000, ..spent })
        },
        refund,
    );
    assert_eq!(
        tells_the_end_in_milliseconds.await,
        ["a_quota_is_spent_to_the_last_request", "a_refund_allows_one_more_in_its_window"]
    );

    let one_window_for_all_keys = broken_limits(
        |it, _, quota, at| spend(it, "all", quota, at),
        |it, _, quota, at| refund(it, "all", quota, at),
    );
    assert_eq!(one_window_for_all_keys.await, ["keys_do_not_share_a_window"]);

    let allows_the_twentieth_refused = broken_limits(
        |it, key, quota, at| {
            let spent = spend(it, key, quota, at)?;
            let counted = now(it.spend("calls", "1000/day".parse().unwrap(), at))?;
            let twentieth = counted.remaining == 980 && quota.requests.get() > 1;
            Ok(Spent { allowed: spent.allowed || twentieth, ..spent })
        },
        refund,
    );
    assert_eq!(
        allows_the_twentieth_refused.await,
        ["exactly_the_quota_is_allowed_under_concurrency"]
    );

    let does_nothing_on_a_refund = broken_limits(spend, |_, _, _, _| Ok(()));
    assert_eq!(does_nothing_on_a_refund.await, ["a_refund_allows_one_more_in_its_window"]);

    let refunds_what_was_not_spent = broken_limits(
        |it, key, quota, at| {
            let spent = spend(it, key, quota, at)?;
            let refunded = now(it.spend("refunds", "1/day".parse().unwrap(), at))?;
            Ok(Spent { remaining: spent.remaining + u32::from(!refunded.allowed), ..spent })
        },
        |it, key, quota, at| {
            drop(now(it.spend("refunds", "1/day".parse().unwrap(), at)));
            refund(it, key, quota, at)
        },
    );
    let found = refunds_what_was_not_spent.await;
    assert!(found.contains(&"a_refund_of_nothing_does_nothing"), "{found:?}");

    let begins_a_window_on_a_refund = broken_limits(spend, |it, key, quota, at| {
        let spent = spend(it, key, quota, at)?;
        refund(it, key, quota, at)?;
        if spent.allowed { refund(it, key, quota, at) } else { Ok(()) }
    });
    assert_eq!(begins_a_window_on_a_refund.await, ["a_refund_of_nothing_does_nothing"]);
}

/// This takes the twenty seconds after which the clause gives up.
#[tokio::test]
async fn a_window_that_does_not_end_is_found() {
    let found = broken_limits(
        |it, key, quota, at| {
            let first = at - TimeDelta::seconds(at.timestamp() % 60);
            spend(it, key, quota, first)
        },
        refund,
    );
    assert_eq!(found.await, ["a_window_ends_and_refusals_do_not_prolong_it"]);
}
