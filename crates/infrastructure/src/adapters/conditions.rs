use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::sql_types::{Bool, Text};

use super::dialect::{Database, POSITION};

/// A condition on the rows of `Source`.
pub(crate) type Condition<Source> = Box<dyn BoxableExpression<Source, Database, SqlType = Bool>>;

/// The condition that the column contains the part, character by character. LIKE would treat some
/// characters as wildcards, and SQLite's LIKE ignores the case of ASCII.
pub(crate) fn contains<Source>(column: &str, part: &str) -> Condition<Source> {
    let position = sql::<Bool>(&format!("{POSITION}({column}, "));
    Box::new(position.bind::<Text, _>(part.to_owned()).sql(") > 0"))
}
