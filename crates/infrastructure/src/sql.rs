use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, Bool, HasSqlType, SqlType, Text};

/// A piece of SQL that is put together at run time, with its bind values.
///
/// Diesel's own `sql` does the same, but prepares the whole statement anew each time. A statement of
/// these pieces is prepared once for each text. So a text must be one of a few: values are bound and
/// never become part of it. Other statements need [`Sql::once`].
#[derive(Debug, Clone)]
pub(crate) struct Sql<Type = Bool> {
    parts: Vec<Part>,
    is_cached: bool,
    sql_type: PhantomData<Type>,
}

#[derive(Debug, Clone)]
enum Part {
    Sql(Cow<'static, str>),
    Text(String),
    Bytes(Vec<u8>),
    Number(i64),
}

/// A piece of SQL of any type.
pub(crate) fn sql<Type>(text: impl Into<Cow<'static, str>>) -> Sql<Type> {
    Sql { parts: vec![Part::Sql(text.into())], is_cached: true, sql_type: PhantomData }
}

impl<Type> Sql<Type> {
    /// The statement is prepared for this use only, because its text rarely occurs again.
    pub(crate) fn once(self) -> Self {
        Self { is_cached: false, ..self }
    }

    pub(crate) fn sql(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.with(Part::Sql(text.into()))
    }

    pub(crate) fn text(self, value: impl Into<String>) -> Self {
        self.with(Part::Text(value.into()))
    }

    pub(crate) fn bytes(self, value: impl Into<Vec<u8>>) -> Self {
        self.with(Part::Bytes(value.into()))
    }

    pub(crate) fn number(self, value: i64) -> Self {
        self.with(Part::Number(value))
    }

    fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}

impl<Type, DB> QueryFragment<DB> for Sql<Type>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<Binary> + HasSqlType<BigInt>,
    String: ToSql<Text, DB>,
    Vec<u8>: ToSql<Binary, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.is_cached {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Bytes(value) => out.push_bind_param::<Binary, _>(value)?,
                Part::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
            }
        }
        Ok(())
    }
}

impl<Type: SqlType + TypedExpressionType> Expression for Sql<Type> {
    type SqlType = Type;
}

impl<Type> QueryId for Sql<Type> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Source, Type> AppearsOnTable<Source> for Sql<Type> where Self: Expression {}

impl<Source, Type> SelectableExpression<Source> for Sql<Type> where Self: Expression {}

impl<Type, GroupBy> ValidGrouping<GroupBy> for Sql<Type> {
    type IsAggregate = is_aggregate::Never;
}
