//! CPU-bound work on threads of the lowest priority.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use bookshelf_domain::StoreError;
use tokio::sync::oneshot;

use crate::metrics::Queued;
use crate::outage::Outage;

/// Other threads, which answer requests, go first. Measured with every core busy hashing passwords:
/// at 10 the slowest reads took two to five times as long, at 19 at most 1.6 times. The work itself
/// takes hardly longer.
const NICE: i32 = 19;

type Job = Box<dyn FnOnce() + Send>;

/// Threads of the lowest priority behind a bounded queue. They end when this is dropped.
pub(crate) struct Background {
    queue: Arc<Queue>,
    outage: Outage,
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

/// The jobs that wait for a thread.
struct Queue {
    name: &'static str,
    most: usize,
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<(u64, Job)>,
    /// How many jobs have ever entered the queue. The count is the name of the next one.
    entered: u64,
    is_closed: bool,
}

impl Background {
    pub(crate) fn new(name: &'static str, threads: usize, queue: usize) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            name,
            most: queue,
            waiting: Mutex::default(),
            changed: Condvar::new(),
        });
        // If a thread cannot be started, dropping this ends those before.
        let background = Self { queue, outage: Outage::of(name) };
        for number in 0..threads {
            let queue = Arc::clone(&background.queue);
            thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&queue))?;
        }
        Ok(background)
    }

    /// Does the work on one of the threads. If the caller stops waiting before its turn comes, the
    /// work leaves the queue at once and is not done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BackgroundError> {
        let (answer, answered) = oneshot::channel();
        let queued = Queued::enter(self.queue.name);
        let job = Box::new(move || {
            queued.begin();
            // The caller may have stopped waiting meanwhile.
            let _: Result<(), T> = answer.send(work());
        });
        let Some(_place) = self.queue.enter(job) else {
            self.outage.failed(&StoreError::Unavailable(BackgroundError::Busy.to_string()));
            return Err(BackgroundError::Busy);
        };
        self.outage.worked();
        answered.await.map_err(|_| BackgroundError::Failed)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.queue.lock().is_closed = true;
        self.queue.changed.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns `None` if the queue is full.
    fn enter(&self, job: Job) -> Option<Place<'_>> {
        let mut waiting = self.lock();
        if waiting.jobs.len() >= self.most {
            return None;
        }
        let number = waiting.entered;
        waiting.entered += 1;
        waiting.jobs.push_back((number, job));
        drop(waiting);
        self.changed.notify_one();
        Some(Place { queue: self, number })
    }

    /// Waits for a job. Returns `None` at the end.
    fn next(&self) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            match waiting.jobs.pop_front() {
                Some((_, job)) => return Some(job),
                None if waiting.is_closed => return None,
                None => {
                    let woken = self.changed.wait(waiting);
                    waiting = woken.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

/// Takes a job out of the queue when it is dropped, if the job still waits.
struct Place<'q> {
    queue: &'q Queue,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.lock().jobs.retain(|(number, _)| *number != self.number);
    }
}

fn work(queue: &Queue) {
    if let Err(error) = lower_priority() {
        tracing::warn!(%error, "the priority of background work cannot be lowered");
    }
    while let Some(job) = queue.next() {
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
    use std::sync::mpsc;

    use futures_util::{FutureExt, pin_mut};

    use super::*;

    /// Occupies the only thread. Dropping the sender releases it.
    async fn occupy(background: &Background) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel::<()>();
        let (begin, begun) = oneshot::channel();
        let job = Box::new(move || {
            begin.send(()).unwrap();
            let _: Result<(), mpsc::RecvError> = released.recv();
        });
        let _place = background.queue.enter(job).unwrap();
        begun.await.unwrap();
        release
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_leaves_the_queue_and_is_not_done() {
        let background = Background::new("test", 1, 1).unwrap();
        let thread = occupy(&background).await;
        let done = Arc::new(Mutex::new(Vec::new()));
        let note = |what| {
            let done = Arc::clone(&done);
            background.run(move || done.lock().unwrap().push(what))
        };
        {
            let abandoned = note("abandoned");
            pin_mut!(abandoned);
            assert!(abandoned.as_mut().now_or_never().is_none());
            assert!(matches!(note("one too many").await, Err(BackgroundError::Busy)));
        }
        let awaited = note("awaited");
        pin_mut!(awaited);
        assert!(awaited.as_mut().now_or_never().is_none(), "it has taken the place");
        drop(thread);
        awaited.await.unwrap();
        assert_eq!(*done.lock().unwrap(), ["awaited"]);
    }

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
