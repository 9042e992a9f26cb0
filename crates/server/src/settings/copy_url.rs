//! The URLs of `bookshelf db copy`. They may contain passwords, so they can also come from files and
//! from the environment, as settings can.

use std::collections::BTreeMap;
use std::path::Path;

use super::SettingError;
use super::setting::{Exposure, Origin, Setting, Value, flag, variable};
use super::show::has_password;
use super::sources::{Layer, dot_env, environment, find};

const FROM: Setting = url("database_copy_from");
const TO: Setting = url("database_copy_to");

const fn url(key: &'static str) -> Setting {
    Setting { key, default: "", help: "", exposure: Exposure::Url, bounds: None }
}

/// The URL of a database to copy, and where it was given.
pub(crate) struct CopyUrl(Value);

impl CopyUrl {
    pub(crate) fn source(
        argument: Option<&str>,
        file: Option<&Path>,
    ) -> Result<Self, SettingError> {
        Self::read(&FROM, argument, file)
    }

    pub(crate) fn target(
        argument: Option<&str>,
        file: Option<&Path>,
    ) -> Result<Self, SettingError> {
        Self::read(&TO, argument, file)
    }

    fn read(
        setting: &Setting,
        argument: Option<&str>,
        file: Option<&Path>,
    ) -> Result<Self, SettingError> {
        let mut arguments = BTreeMap::new();
        if let Some(text) = argument {
            arguments.insert(setting.key.to_owned(), text.to_owned());
        }
        if let Some(path) = file {
            let path = path.to_str().ok_or_else(|| {
                SettingError(format!("{} is not a name in UTF-8", path.display()))
            })?;
            arguments.insert(format!("{}_file", setting.key), path.to_owned());
        }
        let table = std::slice::from_ref(setting);
        let layers = [
            Layer { origin: Origin::Flags, texts: arguments },
            Layer { origin: Origin::Environment, texts: environment(table)? },
            Layer { origin: Origin::DotEnv, texts: dot_env(Path::new(".env"), table)? },
        ];
        find(&layers, setting)?.map(Self).ok_or_else(|| {
            let (flag, variable) = (flag(setting.key), variable(setting.key));
            SettingError(format!(
                "the URL of a database is missing: give it with --{flag}, --{flag}-file, {variable} \
                 or {variable}_FILE"
            ))
        })
    }

    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// The error that the URL has this fault.
    pub(crate) fn fault(&self, fault: &str) -> SettingError {
        SettingError(format!("{} {fault}", self.0.source))
    }

    /// Whether other users of the machine can see a password of the URL in the command line.
    pub(crate) fn shows_password(&self) -> bool {
        let source = &self.0.source;
        let is_argument = source.origin == Origin::Flags && !source.key.ends_with("_file");
        is_argument && has_password(&self.0.text)
    }
}
