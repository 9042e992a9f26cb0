use bookshelf_application::transfer::histories::HistoryFormat;
use bookshelf_application::transfer::{Charset, Format, ImportOptions};
use bookshelf_domain::books::OnConflict;
use serde::{Deserialize, Deserializer, de};
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
    /// The encoding of the file, if it is neither UTF-8 nor UTF-16 with a byte order mark: a label
    /// of the WHATWG Encoding Standard, such as `windows-1250`.
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
    /// What to do with a row whose book is on the shelf already. `update`, the default, takes over
    /// a newer status or a later reading and fills empty fields. Values that it leaves out or replaces
    /// get a remark.
    #[param(inline)]
    on_conflict: Option<OnConflictName>,
    /// Reports what would happen, without writing.
    dry_run: Option<bool>,
    /// The encoding of the file, if it is neither UTF-8 nor UTF-16 with a byte order mark: a label
    /// of the WHATWG Encoding Standard, such as `windows-1250`.
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
