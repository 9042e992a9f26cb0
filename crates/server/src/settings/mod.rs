//! The settings: a table of all settings, and the places where their values are read from.

mod bounds;
mod copy_url;
mod flags;
mod parse;
mod setting;
mod show;
mod sources;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use copy_url::CopyUrl;
pub(crate) use flags::Flags;
pub(crate) use parse::{CoverPlace, Database, LogFormat, database};
pub(crate) use show::{show, show_example};
pub(crate) use sources::{aws_variables, gather};
pub(crate) use table::Settings;

/// Why the settings cannot be used, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SettingError(String);
