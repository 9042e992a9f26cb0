use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::{Error, Upload};

/// How a file is imported. The default is a CSV file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The format of the file.
    #[serde(skip)]
    pub format: FileFormat,
    /// What to do with a row whose book exists already. By default an import of books skips the row, and
    /// an import of a reading history merges it.
    pub on_conflict: Option<OnConflict>,
    /// Whether only to report what would happen.
    pub dry_run: Option<bool>,
    /// The encoding of the file, if it is not UTF-8, such as `windows-1250`.
    pub charset: Option<String>,
}

/// The format of a file of books.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated values with a header row.
    #[default]
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// The format of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Export {
    /// Comma-separated values with a header row.
    #[default]
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// The CSV format of Goodreads, for shelves.
    Goodreads,
}

/// What an import does with a row whose book exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// Leave the book as it is.
    Skip,
    /// Take over what the row says.
    Update,
}

/// What became of the rows of a file of books.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct ImportReport {
    pub created: u64,
    pub updated: u64,
    /// The rows whose books exist already and were not changed.
    pub skipped: u64,
    pub failed: u64,
    /// The first 1,000 of the rows that failed.
    pub errors: Vec<RowError>,
    /// The columns that the server does not know.
    #[serde(default)]
    pub ignored_columns: Vec<String>,
}

/// What became of the rows of a reading history.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct HistoryReport {
    /// The program that wrote the file, such as `goodreads`.
    pub origin: String,
    pub created: u64,
    pub updated: u64,
    pub skipped: u64,
    pub failed: u64,
    /// The first 1,000 of the rows that failed.
    pub errors: Vec<RowError>,
    /// The number of rows of which a part could not be kept, or was changed.
    pub remarked: u64,
    /// The remarks on the first 1,000 of these rows.
    pub remarks: Vec<RowError>,
    /// The columns that were ignored, each with the number of rows that have a value in it.
    pub ignored: BTreeMap<String, u64>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RowError {
    /// The line in which the row starts, counted from 1.
    pub line: u64,
    /// Sentences by field. `row` stands for the row as a whole.
    pub details: BTreeMap<String, Vec<String>>,
}

impl Import {
    pub(crate) fn call(&self, path: &str, file: Upload) -> Result<Call, Error> {
        let media_type = match self.format {
            FileFormat::Csv => "text/csv",
            FileFormat::Ndjson => "application/x-ndjson",
        };
        Call::post(path).upload(file, media_type).query(self)
    }
}

impl Export {
    pub(crate) fn call(self, path: &str) -> Call {
        let name = match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Goodreads => "goodreads",
        };
        let mut call = Call::get(path).accept("*/*");
        call.query.push(("format".to_owned(), name.to_owned()));
        call
    }
}
