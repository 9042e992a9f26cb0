use bookshelf_application::transfer::{Format, ImportOptions};
use bookshelf_domain::books::OnConflict;
use utoipa::{IntoParams, ToSchema};

use crate::http::{ApiError, Query};

pub(super) fn import(text: &str) -> Result<ImportOptions, ApiError> {
    let mut query = Query::parse(text)?;
    let choices = [("skip", OnConflict::Skip), ("update", OnConflict::Update)];
    let on_conflict = query.choice("on_conflict", &choices).unwrap_or_default();
    let dry_run = dry_run(&mut query);
    query.finish()?;
    Ok(ImportOptions { on_conflict, dry_run })
}

fn dry_run(query: &mut Query) -> bool {
    query.choice("dry_run", &[("true", true), ("false", false)]).unwrap_or_default()
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
