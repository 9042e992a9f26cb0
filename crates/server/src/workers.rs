//! The threads that answer requests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::rt::time;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// The workers of the server. Each is a thread with a runtime of its own.
#[derive(Clone, Default)]
pub(crate) struct Workers(Arc<Mutex<Vec<Handle>>>);

impl Workers {
    /// Adds the current thread. A worker calls this when it starts.
    pub(crate) fn add_current(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Handle::current());
    }

    /// Whether every worker runs a task within this time. A worker that does not is stuck, and answers
    /// no requests.
    pub(crate) async fn respond_within(&self, patience: Duration) -> bool {
        let (task, mut tasks) = mpsc::channel::<()>(1);
        for worker in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let task = task.clone();
            // A worker that has ended, and was replaced by the framework, drops the task at once.
            worker.spawn(async move { drop(task) });
        }
        drop(task);
        // The channel ends when no task is left.
        time::timeout(patience, tasks.recv()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvError, channel};
    use std::thread;

    use tokio::runtime::Builder;
    use tokio::sync::oneshot;

    use super::*;

    /// Starts a worker that ends when the sender is dropped.
    fn start(workers: &Workers) -> oneshot::Sender<()> {
        let (running, end) = oneshot::channel();
        let (started, starting) = channel();
        let workers = workers.clone();
        thread::spawn(move || {
            Builder::new_current_thread().build().unwrap().block_on(async {
                workers.add_current();
                started.send(()).unwrap();
                assert!(end.await.is_err());
            });
        });
        starting.recv().unwrap();
        running
    }

    #[tokio::test]
    async fn workers_respond_unless_one_is_stuck() {
        const PATIENCE: Duration = Duration::from_secs(60);
        let workers = Workers::default();
        let (first, _second) = (start(&workers), start(&workers));
        assert!(workers.respond_within(PATIENCE).await);
        let (release, released) = channel::<()>();
        workers.0.lock().unwrap()[1]
            .spawn(async move { assert_eq!(released.recv(), Err(RecvError)) });
        assert!(!workers.respond_within(Duration::from_millis(100)).await, "one is stuck");
        drop(release);
        assert!(workers.respond_within(PATIENCE).await, "it goes on");
        drop(first);
        assert!(workers.respond_within(PATIENCE).await, "one has ended");
    }
}
