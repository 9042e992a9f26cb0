use bookshelf_application::transfer::histories::HistoryFormat;
use bookshelf_application::transfer::{Charset, Format, ImportOptions};
use bookshelf_domain::books::OnConflict;
use serde::{Deserialize, Deserializer, de};
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
    /// The encoding of the file, if it is not UTF-8 and has no byte order mark of UTF-16: a label of the
    /// WHATWG Encoding Standard, such as `windows-1250`.
    #[param(value_type = Option<String>, example = "windows-1250")]
    #[serde(default, deserialize_with = "charset")]
    pub(super) charset: Option<Charset>,
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
    /// newer status or a later reading and fills what is empty. What it leaves out or replaces gets a
    /// remark.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
    /// Tell what would happen, and write nothing.
    dry_run: Option<bool>,
    /// The encoding of the file, if it is not UTF-8 and has no byte order mark of UTF-16: a label of the
    /// WHATWG Encoding Standard, such as `windows-1250`.
    #[param(value_type = Option<String>, example = "windows-1250")]
    #[serde(default, deserialize_with = "charset")]
    pub(super) charset: Option<Charset>,
}

impl From<HistoryImportParams> for ImportOptions {
    fn from(params: HistoryImportParams) -> Self {
        Self {
            on_conflict: params.on_conflict.map_or(OnConflict::Update, |choice| *choice.value),
            dry_run: params.dry_run.unwrap_or_default(),
        }
    }
}

/// Reads the label of an encoding.
fn charset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Charset>, D::Error> {
    let label = Option::<String>::deserialize(deserializer)?;
    label.map(|label| label.parse().map_err(de::Error::custom)).transpose()
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
