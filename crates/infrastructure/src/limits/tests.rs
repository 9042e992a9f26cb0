//! Counting in a Redis that these tests start themselves, where it is installed.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bookshelf_domain::Timestamp;
use bookshelf_domain::limits::{RateLimiter, Spent};
use chrono::TimeDelta;
use tempfile::TempDir;

use super::{MemoryRateLimiter, RedisRateLimiter};

const PATIENCE: Duration = Duration::from_secs(20);

/// A Redis of its own, killed when it is dropped.
struct Redis {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Redis {
    /// None where Redis is not installed.
    fn start() -> Option<Self> {
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        match serve(&folder, port) {
            Some(process) => Some(Self { folder, port, process }),
            None => {
                eprintln!("skipped: there is no redis-server here");
                None
            }
        }
    }

    fn limiter(&self) -> RedisRateLimiter {
        let url = format!("redis://127.0.0.1:{}", self.port);
        RedisRateLimiter::new(&url, MemoryRateLimiter::new(100)).unwrap()
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn restart(&mut self) {
        self.process = serve(&self.folder, self.port).unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts it and waits until it can be talked to.
fn serve(folder: &TempDir, port: u16) -> Option<Child> {
    let process = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "no"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let patience = Instant::now() + PATIENCE;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < patience, "Redis does not start");
        thread::sleep(Duration::from_millis(5));
    }
    Some(process)
}

fn start() -> Timestamp {
    "2026-11-21T06:00:00Z".parse().unwrap()
}

async fn spend(limiter: &RedisRateLimiter, key: &str, now: Timestamp) -> Spent {
    limiter.spend(key, "5/minute".parse().unwrap(), now).await.unwrap()
}

/// Waits until two limiters count in Redis: then each knows what the other has spent.
async fn wait_until_shared(limiter: &RedisRateLimiter, other: &RedisRateLimiter, now: Timestamp) {
    let patience = Instant::now() + PATIENCE;
    for attempt in 0_i32.. {
        // Past the pause after a failure.
        let now = now + TimeDelta::minutes(attempt.into());
        let key = format!("probe {attempt}");
        spend(other, &key, now).await;
        if spend(limiter, &key, now).await.remaining == 3 {
            return;
        }
        assert!(Instant::now() < patience, "Redis is not found again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn several_servers_share_one_count_under_any_concurrency() {
    let Some(redis) = Redis::start() else { return };
    let servers = [Arc::new(redis.limiter()), Arc::new(redis.limiter())];
    wait_until_shared(&servers[0], &servers[1], start()).await;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let server = servers[number % 2].clone();
            tokio::spawn(async move { spend(&server, "a", start()).await })
        })
        .collect();
    let mut allowed = Vec::new();
    for task in tasks {
        let spent = task.await.unwrap();
        assert!((1..=60).contains(&spent.reset_seconds), "{spent:?}");
        if spent.allowed {
            allowed.push(spent.remaining);
        } else {
            assert_eq!(spent.remaining, 0);
        }
    }
    allowed.sort_unstable();
    assert_eq!(allowed, [0, 1, 2, 3, 4]);
    assert!(spend(&servers[0], "b", start()).await.allowed, "keys do not share a window");
}

#[tokio::test]
async fn a_window_ends_and_refusals_do_not_prolong_it() {
    let Some(redis) = Redis::start() else { return };
    let limiter = redis.limiter();
    wait_until_shared(&limiter, &redis.limiter(), start()).await;
    let once = "1/second".parse().unwrap();
    assert!(limiter.spend("a", once, start()).await.unwrap().allowed);
    let patience = Instant::now() + PATIENCE;
    while !limiter.spend("a", once, start()).await.unwrap().allowed {
        assert!(Instant::now() < patience, "the window does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn without_redis_a_server_counts_alone_until_it_is_back() {
    let Some(mut redis) = Redis::start() else { return };
    let (one, other) = (redis.limiter(), redis.limiter());
    wait_until_shared(&one, &other, start()).await;

    redis.kill();
    let later = start() + TimeDelta::hours(1);
    let mut allowed = 0;
    for _ in 0..50 {
        allowed += u32::from(spend(&one, "a", later).await.allowed);
    }
    assert_eq!(allowed, 5, "limits hold without Redis");

    redis.restart();
    wait_until_shared(&one, &other, later).await;
}

#[tokio::test]
async fn a_server_that_never_finds_redis_counts_alone() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let url = format!("redis://127.0.0.1:{free}");
    let limiter = RedisRateLimiter::new(&url, MemoryRateLimiter::new(100)).unwrap();
    for left in (0..5).rev() {
        let spent = spend(&limiter, "a", start()).await;
        assert_eq!((spent.allowed, spent.remaining), (true, left));
    }
    assert!(!spend(&limiter, "a", start()).await.allowed);
}
