use bookshelf_domain::SearchText;
use bookshelf_domain::books::BookFilter;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, SqliteConnection};

use super::substrings::{FtsQuery, Substring, TRIGRAM, as_indexed};
use crate::books::order::years;
use crate::paging::clamp;
use crate::sqlite::dialect::RunQueryDsl;

/// The number of short patterns whose candidates are looked for. Short patterns have many, so more
/// of them hardly narrow the search.
const SHORT_PARTS: usize = 3;

/// A part of a filter that an index can answer. It stands for the ids of all books that pass this
/// part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Candidates {
    Isbn(String),
    /// Substrings of three or more characters.
    Substrings(FtsQuery),
    /// A substring of one or two characters, in one column or in any.
    Short {
        pattern: String,
        column: Option<&'static str>,
    },
    Genre(String),
    Years {
        from: i64,
        to: i64,
    },
    /// Ids that were found before, as a JSON array.
    Known(String),
}

impl Candidates {
    /// The parts of the filter. A book passes the filter if it is among the candidates of every
    /// part.
    pub(super) fn of(filter: &BookFilter) -> Vec<Self> {
        let mut all = Vec::new();
        let mut long = Vec::new();
        for (column, pattern) in
            [("title_folded", &filter.title), ("author_folded", &filter.author)]
        {
            let Some(pattern) = pattern.as_ref().map(SearchText::as_str) else { continue };
            match pattern.chars().count() {
                0 => {}
                1 | 2 => all.push(Self::short(pattern, Some(column))),
                TRIGRAM.. => long.push(Substring::InColumn(column, pattern)),
            }
        }
        for word in filter.search.iter() {
            match word.text().chars().count() {
                0 => {}
                1 | 2 if all.len() >= SHORT_PARTS => {}
                1 | 2 => all.push(Self::short(word.text(), None)),
                TRIGRAM.. => long.push(Substring::InAny(word)),
            }
        }
        all.extend(FtsQuery::new(&long).map(Self::Substrings));
        all.extend(filter.isbn.map(|isbn| Self::Isbn(isbn.to_string())));
        all.extend(filter.genre.as_ref().map(|genre| Self::Genre(genre.as_str().into())));
        if let Some((from, to)) = years(filter) {
            all.push(Self::Years { from, to });
        }
        all
    }

    fn short(pattern: &str, column: Option<&'static str>) -> Self {
        Self::Short { pattern: as_indexed(pattern), column }
    }

    /// Whether each of them passes this part of the filter.
    pub(super) fn is_exact(&self) -> bool {
        match self {
            Self::Substrings(query) => query.is_exact,
            Self::Short { pattern, .. } => !pattern.contains('\u{fffd}'),
            Self::Isbn(_) | Self::Genre(_) | Self::Years { .. } | Self::Known(_) => true,
        }
    }

    pub(super) fn known(ids: &[i64]) -> Self {
        let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
        Self::Known(format!("[{}]", ids.join(",")))
    }

    /// Finds their ids, at most `limit` of them.
    pub(super) async fn find(
        &self,
        conn: &mut SqliteConnection,
        limit: u64,
    ) -> QueryResult<Vec<i64>> {
        Find { candidates: self, limit: clamp(limit) }.load(conn).await
    }
}

impl QueryFragment<Sqlite> for Candidates {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        match self {
            Self::Isbn(isbn) => {
                out.push_sql("SELECT id AS candidate FROM books WHERE isbn = ");
                out.push_bind_param::<Text, _>(isbn)
            }
            Self::Substrings(query) => {
                out.push_sql("SELECT rowid AS candidate FROM books_fts WHERE books_fts MATCH ");
                out.push_bind_param::<Text, _>(&query.text)
            }
            Self::Short { pattern, column } => {
                // The range covers all trigrams that begin with the pattern.
                out.push_sql("SELECT DISTINCT doc AS candidate FROM books_trigrams WHERE term >= ");
                out.push_bind_param::<Text, _>(pattern)?;
                out.push_sql(" AND term <= ");
                out.push_bind_param::<Text, _>(pattern)?;
                out.push_sql(" || char(1114111, 1114111)");
                if let Some(column) = column {
                    out.push_sql(" AND col = ");
                    out.push_bind_param::<Text, _>(*column)?;
                }
                Ok(())
            }
            Self::Genre(genre) => {
                out.push_sql("SELECT id AS candidate FROM books WHERE genre_folded = ");
                out.push_bind_param::<Text, _>(genre)
            }
            Self::Years { from, to } => {
                out.push_sql("SELECT id AS candidate FROM books WHERE year BETWEEN ");
                out.push_bind_param::<BigInt, _>(from)?;
                out.push_sql(" AND ");
                out.push_bind_param::<BigInt, _>(to)
            }
            Self::Known(ids) => {
                out.push_sql("SELECT value AS candidate FROM json_each(");
                out.push_bind_param::<Text, _>(ids)?;
                out.push_sql(")");
                Ok(())
            }
        }
    }
}

pub(super) struct Find<'a> {
    pub(super) candidates: &'a Candidates,
    pub(super) limit: i64,
}

impl QueryFragment<Sqlite> for Find<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.candidates.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl QueryId for Find<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Find<'_> {
    type SqlType = BigInt;
}

impl diesel::RunQueryDsl<SqliteConnection> for Find<'_> {}
