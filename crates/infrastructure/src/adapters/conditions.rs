use diesel::expression::BoxableExpression;
use diesel::sql_types::Bool;

use super::dialect::{Database, POSITION};
use crate::sql::sql;

/// A condition on the rows of `Source`.
pub(crate) type Condition<Source> = Box<dyn BoxableExpression<Source, Database, SqlType = Bool>>;

/// The condition that the column contains the part, character by character. LIKE would treat some
/// characters as wildcards, and SQLite's LIKE ignores the case of ASCII.
pub(crate) fn contains<Source>(column: &str, part: &str) -> Condition<Source> {
    Box::new(sql(format!("{POSITION}({column}, ")).text(part).sql(") > 0"))
}
