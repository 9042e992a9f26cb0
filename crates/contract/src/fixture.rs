use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};

use crate::saw;

type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;
type Reopen<S> = Arc<dyn Fn() -> BoxFuture<'static, S> + Send + Sync>;

/// An empty store, and what must live as long as it does. A clause reaches the store by
/// dereferencing.
pub struct Fixture<S> {
    // Dropped first.
    store: S,
    reopen: Option<Reopen<S>>,
    spawn: Option<Spawn>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl<S> Fixture<S> {
    /// A store on which simultaneous calls are polled in turns by one task, and that cannot be
    /// reopened.
    pub fn new(store: S) -> Self {
        Self { store, reopen: None, spawn: None, kept: Vec::new() }
    }

    /// Keeps a value, for example a temporary folder, until the store is dropped.
    #[must_use]
    pub fn keep(mut self, value: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(value));
        self
    }

    /// Gives simultaneous calls to the runtime, as tasks that may run on several threads:
    /// `.spawn(|task| drop(tokio::spawn(task)))`.
    ///
    /// Use it for an adapter that works on the caller's thread, because calls that one task polls
    /// in turns meet only where they wait.
    #[must_use]
    pub fn spawn(mut self, spawn: impl Fn(BoxFuture<'static, ()>) + Send + Sync + 'static) -> Self {
        self.spawn = Some(Arc::new(spawn));
        self
    }

    /// Says how to open the same store again after it was dropped. Without it, the clauses about
    /// durability are skipped.
    #[must_use]
    pub fn reopen<F, Opened>(mut self, open: F) -> Self
    where
        F: Fn() -> Opened + Send + Sync + 'static,
        Opened: Future<Output = S> + Send + 'static,
    {
        self.reopen = Some(Arc::new(move || open().boxed()));
        self
    }

    /// Drops the store and opens it again, or skips the clause.
    pub(crate) async fn reopened(self) -> Self {
        let Self { store, reopen, spawn, kept } = self;
        let Some(open) = reopen else { saw::skip("the store cannot be reopened") };
        drop(store);
        Self { store: open().await, reopen: Some(open), spawn, kept }
    }

    /// Runs so many tasks, all let go at the same moment, and returns what they returned.
    ///
    /// # Panics
    ///
    /// If a task panics.
    pub async fn at_once<T, F>(&self, tasks: usize, task: impl Fn(usize) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (open, gate) = oneshot::channel::<()>();
        let gate = gate.shared();
        let (mut arrivals, mut results, mut polled) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..tasks {
            let (arrive, arrival) = oneshot::channel();
            let (finish, result) = oneshot::channel();
            let (gate, task) = (gate.clone(), task(number));
            let run = async move {
                // Nobody listens any more if the clause has ended.
                let _ = arrive.send(());
                let _ = gate.await;
                let _ = finish.send(AssertUnwindSafe(task).catch_unwind().await);
            };
            match &self.spawn {
                Some(spawn) => spawn(run.boxed()),
                None => polled.push(run),
            }
            arrivals.push(arrival);
            results.push(result);
        }
        let release = async {
            join_all(arrivals).await;
            let _ = open.send(());
        };
        let (results, _) = join(join_all(results), join(release, join_all(polled))).await;
        let finished = results.into_iter().map(|result| match result {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(oneshot::Canceled) => saw::broken("a task that the runtime did not finish"),
        });
        finished.collect()
    }
}

impl<S> Deref for Fixture<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.store
    }
}

impl<S> fmt::Debug for Fixture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reopens = self.reopen.is_some();
        f.debug_struct("Fixture").field("reopens", &reopens).finish_non_exhaustive()
    }
}

/// What a factory may return: a [`Fixture`], or `None` where there is nothing to check, for example
/// because a server is missing. Then the clause is skipped.
pub trait IntoFixture<S> {
    /// The fixture, if there is one.
    fn into_fixture(self) -> Option<Fixture<S>>;
}

impl<S> IntoFixture<S> for Fixture<S> {
    fn into_fixture(self) -> Option<Fixture<S>> {
        Some(self)
    }
}

impl<S> IntoFixture<S> for Option<Fixture<S>> {
    fn into_fixture(self) -> Option<Fixture<S>> {
        self
    }
}
