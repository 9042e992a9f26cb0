use diesel::result::Error;

use super::dialect::{Connection, savepoint};
use crate::failure::Failure;

/// Does the work. A dry run does everything that a real run does, and then rolls it back.
pub(super) async fn run<T, E>(
    conn: &mut Connection,
    is_dry: bool,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T, Failure<E>>,
) -> Result<T, Failure<E>> {
    if !is_dry {
        return work(conn).await;
    }
    let mut outcome = None;
    let rolled_back: Result<(), Failure<E>> = savepoint(conn, async |conn| {
        outcome = Some(work(conn).await?);
        Err(Error::RollbackTransaction.into())
    })
    .await;
    match (rolled_back, outcome) {
        (Err(Failure::Database(Error::RollbackTransaction)), Some(outcome)) => Ok(outcome),
        (Err(failure), _) => Err(failure),
        (Ok(()), _) => Err(Error::RollbackTransaction.into()),
    }
}
