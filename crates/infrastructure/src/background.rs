//! CPU-bound work on threads of the lowest priority.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

/// Other threads, which answer requests, go first. Measured with every core busy hashing passwords:
/// at 10 the slowest reads took two to five times as long, at 19 at most 1.6 times. The work itself
/// takes hardly longer.
const NICE: i32 = 19;

type Job = Box<dyn FnOnce() + Send>;

/// Threads of the lowest priority behind a bounded queue. They end when this is dropped.
pub(crate) struct Background {
    queue: SyncSender<Job>,
}

/// Why a piece of work was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackgroundError {
    #[error("too much work is waiting")]
    Busy,
    /// The log says why.
    #[error("the work failed")]
    Failed,
}

impl Background {
    pub(crate) fn new(name: &str, threads: usize, queue: usize) -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || work(&receiver))?;
        }
        Ok(Self { queue: sender })
    }

    /// Does the work on one of the threads, unless the caller no longer waits when its turn comes.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BackgroundError> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move || {
            if !answer.is_closed() {
                // The caller may have stopped waiting meanwhile.
                let _: Result<(), T> = answer.send(work());
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => BackgroundError::Busy,
            TrySendError::Disconnected(_) => BackgroundError::Failed,
        })?;
        answered.await.map_err(|_| BackgroundError::Failed)
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    if let Err(error) = lower_priority() {
        tracing::warn!(%error, "the priority of background work cannot be lowered");
    }
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // The panic hook has logged the panic. The thread goes on with the next job.
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("background work panicked");
        }
    }
}

/// Lowers the priority of the calling thread. Only Linux can do this for a single thread.
fn lower_priority() -> io::Result<()> {
    if cfg!(target_os = "linux") {
        rustix::process::nice(NICE)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_fails_only_its_own_work() {
        let background = Background::new("test", 1, 4).unwrap();
        for _ in 0..3 {
            let failed = background.run(|| panic!("on purpose")).await;
            assert!(matches!(failed, Err::<(), _>(BackgroundError::Failed)));
        }
        assert_eq!(background.run(|| 7).await.unwrap(), 7);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_the_calling_thread_has_a_lower_priority() {
        fn nice() -> i32 {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let after_name = stat.rsplit(')').next().unwrap();
            after_name.split_whitespace().nth(16).unwrap().parse().unwrap()
        }
        let before = nice();
        let lowered = thread::spawn(|| {
            lower_priority().unwrap();
            nice()
        });
        assert_eq!(lowered.join().unwrap(), (before + NICE).min(19));
        assert_eq!(nice(), before);
    }
}
