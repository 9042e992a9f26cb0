use bookshelf_domain::{KeyReused, Made, Once};
use diesel_async::AsyncPgConnection;

use crate::failure::Failure;

pub(crate) async fn make_once<T, E: From<KeyReused>>(
    conn: &mut AsyncPgConnection,
    _once: Option<Once<T>>,
    make: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>>,
) -> Result<Made<T>, Failure<E>> {
    make(conn).await.map(Made::Now)
}
