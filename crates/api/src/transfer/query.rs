use bookshelf_application::transfer::histories::HistoryFormat;
use bookshelf_application::transfer::{Format, ImportOptions};
use bookshelf_domain::books::OnConflict;
use utoipa::{IntoParams, ToSchema};

use crate::http::{ApiError, Query};

pub(super) fn import(text: &str) -> Result<ImportOptions, ApiError> {
    options(text, OnConflict::Skip)
}

pub(super) fn import_history(text: &str) -> Result<ImportOptions, ApiError> {
    options(text, OnConflict::Update)
}

fn options(text: &str, default: OnConflict) -> Result<ImportOptions, ApiError> {
    let mut query = Query::parse(text)?;
    let choices = [("skip", OnConflict::Skip), ("update", OnConflict::Update)];
    let on_conflict = query.choice("on_conflict", &choices).unwrap_or(default);
    let dry_run = query.choice("dry_run", &[("true", true), ("false", false)]);
    query.finish()?;
    Ok(ImportOptions { on_conflict, dry_run: dry_run.unwrap_or_default() })
}

pub(super) fn export_history(text: &str) -> Result<Option<HistoryFormat>, ApiError> {
    let mut query = Query::parse(text)?;
    let choices = [
        ("csv", HistoryFormat::Own(Format::Csv)),
        ("ndjson", HistoryFormat::Own(Format::Ndjson)),
        ("goodreads", HistoryFormat::Goodreads),
    ];
    let format = query.choice("format", &choices);
    query.finish()?;
    Ok(format)
}

/// The format, if one is asked for.
pub(super) fn export(text: &str) -> Result<Option<Format>, ApiError> {
    let mut query = Query::parse(text)?;
    let format = query.choice("format", &[("csv", Format::Csv), ("ndjson", Format::Ndjson)]);
    query.finish()?;
    Ok(format)
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct ImportParams {
    /// What happens to a row whose book is there already.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
    /// Tell what would happen, and write nothing.
    dry_run: Option<bool>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case", default = "skip")]
#[expect(dead_code, reason = "the documentation of the choices above")]
enum OnConflictName {
    Skip,
    Update,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct ExportParams {
    /// Stands above `Accept`, which decides otherwise; without either it is CSV.
    #[param(inline)]
    format: Option<FormatName>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the choices above")]
enum FormatName {
    Csv,
    Ndjson,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct HistoryImportParams {
    /// What happens to a row whose book is on the shelf already. `update` takes over a newer status
    /// and fills what is empty; nothing is cleared or written over.
    #[param(inline)]
    on_conflict: Option<HistoryConflictName>,
    /// Tell what would happen, and write nothing.
    dry_run: Option<bool>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case", default = "update")]
#[expect(dead_code, reason = "the documentation of the choices above")]
enum HistoryConflictName {
    Skip,
    Update,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct HistoryExportParams {
    /// `goodreads` is a CSV as Goodreads writes it. Stands above `Accept`, which decides between the
    /// others; without either it is CSV.
    #[param(inline)]
    format: Option<HistoryFormatName>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the choices above")]
enum HistoryFormatName {
    Csv,
    Ndjson,
    Goodreads,
}
