use bookshelf_application::transfer::histories::HistoryFormat;
use bookshelf_application::transfer::{Format, ImportOptions};
use bookshelf_domain::books::OnConflict;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{Choice, Chosen};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportParams {
    /// What happens to a row whose book is there already: `skip` unless `update` is asked for.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
    /// Tell what would happen, and write nothing.
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
    /// What happens to a row whose book is on the shelf already. `update`, the default, takes over a
    /// newer status and fills what is empty; nothing is cleared or written over.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
    /// Tell what would happen, and write nothing.
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
    /// Stands above `Accept`, which decides otherwise; without either it is CSV.
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
    /// `goodreads` is a CSV as Goodreads writes it. Stands above `Accept`, which decides between the
    /// others; without either it is CSV.
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
