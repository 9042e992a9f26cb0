use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::pg::Pg;
use diesel::sql_types::BigInt;

use crate::books::row::BookRow;
use crate::schema::books;

/// A query for the rows of a page.
pub(super) type BookRows = books::BoxedQuery<'static, Pg, SqlTypeOf<AsSelect<BookRow, Pg>>>;

/// A row of a page, with the number of matches in front. If the page is empty, there is one row without
/// a book.
pub(super) type CountedRow = (i64, Option<BookRow>);
pub(super) type CountedRowType = (BigInt, SqlTypeOf<AsSelect<Option<BookRow>, Pg>>);

/// The number of matches, and the rows of the page.
pub(super) fn split(rows: Vec<CountedRow>) -> (u64, Vec<BookRow>) {
    let total = rows.first().map_or(0, |(total, _)| total.unsigned_abs());
    (total, rows.into_iter().filter_map(|(_, row)| row).collect())
}
