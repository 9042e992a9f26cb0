use bookshelf_application::transfer::histories::HistoryFormat;
use bookshelf_application::transfer::{Charset, Format, ImportOptions};
use bookshelf_domain::books::OnConflict;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

use crate::http::{ApiError, Choice, Chosen, Query, read_by};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportParams {
    /// What to do with a row whose book exists already. The default is `skip`.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryImportParams {
    /// What to do with a row whose book is on the shelf already. `update`, the default, takes over
    /// a newer status or a later reading and fills empty fields. Values that it leaves out or replaces
    /// get a remark.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
}

/// The parameters of every import.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FileParams {
    /// Reports what would happen, without writing.
    dry_run: Option<bool>,
    /// The encoding of the file, if it is neither UTF-8 nor UTF-16 with a byte order mark: a label
    /// of the WHATWG Encoding Standard, such as `windows-1250`. `Content-Type` may name it instead; the
    /// two must not differ.
    #[param(value_type = Option<String>, example = "windows-1250")]
    #[serde(default, deserialize_with = "charset")]
    charset: Option<Charset>,
}

pub(super) fn book_import(text: &str) -> Result<(ImportOptions, Option<Charset>), ApiError> {
    let mut query = Query::parse(text)?;
    let ImportParams { on_conflict } = query.read()?;
    import(query, on_conflict, OnConflict::Skip)
}

pub(super) fn history_import(text: &str) -> Result<(ImportOptions, Option<Charset>), ApiError> {
    let mut query = Query::parse(text)?;
    let HistoryImportParams { on_conflict } = query.read()?;
    import(query, on_conflict, OnConflict::Update)
}

fn import(
    mut query: Query,
    on_conflict: Option<OnConflictName>,
    default: OnConflict,
) -> Result<(ImportOptions, Option<Charset>), ApiError> {
    let FileParams { dry_run, charset } = query.read()?;
    query.finish()?;
    let on_conflict = on_conflict.map_or(default, |choice| *choice.value);
    Ok((ImportOptions { on_conflict, dry_run: dry_run.unwrap_or_default() }, charset))
}

fn charset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Charset>, D::Error> {
    read_by(deserializer, |label: String| label.parse())
}

type OnConflictName = Chosen<OnConflict>;

impl Choice for OnConflict {
    const CHOICES: &'static [(&'static str, Self)] =
        &[("skip", Self::Skip), ("update", Self::Update)];
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportParams {
    /// Overrides the header `Accept`. The default is CSV.
    #[param(inline)]
    pub(super) format: Option<FormatName>,
}

type FormatName = Chosen<Format>;

impl Choice for Format {
    const CHOICES: &'static [(&'static str, Self)] =
        &[("csv", Self::Csv), ("ndjson", Self::Ndjson)];
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryExportParams {
    /// Overrides the header `Accept`. The default is CSV. `goodreads` is CSV in the format of
    /// Goodreads.
    #[param(inline)]
    pub(super) format: Option<HistoryFormatName>,
}

type HistoryFormatName = Chosen<HistoryFormat>;

impl Choice for HistoryFormat {
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("csv", Self::Own(Format::Csv)),
        ("ndjson", Self::Own(Format::Ndjson)),
        ("goodreads", Self::Goodreads),
    ];
}
