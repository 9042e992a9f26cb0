use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Runs so many tasks, all let go at the same moment, and returns what they answered.
pub(crate) async fn at_once<T, F>(tasks: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(tasks));
    let mut running = JoinSet::new();
    for number in 0..tasks {
        let (start, task) = (start.clone(), task(number));
        running.spawn(async move {
            start.wait().await;
            task.await
        });
    }
    running.join_all().await
}
