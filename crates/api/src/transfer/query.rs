use bookshelf_application::transfer::histories::HistoryFormat;
use bookshelf_application::transfer::{Format, ImportOptions};
use bookshelf_domain::books::OnConflict;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{Choice, Chosen};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportParams {
    /// What to do with a row whose book exists already. The default is `skip`.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
    /// Reports what would happen, without writing.
    dry_run: Option<bool>,
}

impl From<ImportParams> for ImportOptions {
    fn from(params: ImportParams) -> Self {
        Self {
            on_conflict: params.on_conflict.map_or(OnConflict::Skip, |choice| *choice.value),
            dry_run: params.dry_run.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryImportParams {
    /// What to do with a row whose book is on the shelf already. `update`, the default, takes over
    /// a newer status and fills empty fields; it clears and replaces nothing else.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
    /// Reports what would happen, without writing.
    dry_run: Option<bool>,
}

impl From<HistoryImportParams> for ImportOptions {
    fn from(params: HistoryImportParams) -> Self {
        Self {
            on_conflict: params.on_conflict.map_or(OnConflict::Update, |choice| *choice.value),
            dry_run: params.dry_run.unwrap_or_default(),
        }
    }
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
