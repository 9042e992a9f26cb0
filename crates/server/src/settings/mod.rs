//! The settings: one table of what there is, and where a value may come from.

mod aws;
mod parse;
mod show;
mod sources;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use aws::aws_variables;
pub(crate) use parse::{CoverPlace, Database, LogFormat, Secret, database};
pub(crate) use show::show;
pub(crate) use sources::{Flags, Sources};
pub(crate) use table::Settings;

/// Why the settings cannot be used: one line for whoever wrote them.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SettingError(String);
