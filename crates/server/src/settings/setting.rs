//! The description of a setting, and the texts given for settings together with their sources.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::SettingError;
use super::bounds::Bounds;

/// The description of a setting, without a value.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    /// `{data_dir}` stands for the value of the setting `data_dir`.
    pub(super) default: &'static str,
    pub(super) help: &'static str,
    pub(super) exposure: Exposure,
    /// The bounds of a number or a duration.
    pub(super) bounds: Option<Bounds>,
}

/// How much of a setting `bookshelf config` may show. A setting that is not open can also be given
/// as the name of a file that contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exposure {
    Open,
    /// A URL, which may contain a password.
    Url,
    Secret,
}

impl Setting {
    /// The keys under which the setting may be given. The flag is true for the key that names a
    /// file with the value.
    pub(super) fn keys(&self) -> impl Iterator<Item = (String, bool)> {
        let is_open = self.exposure == Exposure::Open;
        let file = (!is_open).then(|| (format!("{}_file", self.key), true));
        std::iter::once((self.key.to_owned(), false)).chain(file)
    }
}

/// The name of a key's flag, without the dashes in front. The command `db copy` has short ones.
pub(super) fn flag(key: &str) -> String {
    key.strip_prefix("database_copy_").unwrap_or(key).replace('_', "-")
}

/// The beginning of the names of environment variables that belong to Bookshelf alone.
pub(super) const PREFIX: &str = "BOOKSHELF_";

/// The name of a key's environment variable. Other programs use some of the names too.
pub(super) fn variable(key: &str) -> String {
    let is_shared = ["database_", "aws_"].iter().any(|beginning| key.starts_with(beginning));
    let prefix = if is_shared { "" } else { PREFIX };
    format!("{prefix}{}", key.to_ascii_uppercase())
}

/// A place where settings are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Flags,
    Environment,
    DotEnv,
    File(PathBuf),
    Default,
}

/// The key under which a value was given, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) key: String,
    pub(super) origin: Origin,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.origin {
            Origin::Flags => write!(f, "--{}", flag(key)),
            Origin::Environment => write!(f, "{} (environment)", variable(key)),
            Origin::DotEnv => write!(f, "{} (.env)", variable(key)),
            Origin::File(path) => write!(f, "{key} ({})", path.display()),
            Origin::Default => write!(f, "{key} (default)"),
        }
    }
}

/// The text of a setting and its source.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) source: Source,
}

/// The value of every setting, by key.
#[derive(Debug, Default)]
pub(crate) struct Values(BTreeMap<&'static str, Value>);

impl Values {
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    pub(super) fn insert(&mut self, key: &'static str, value: Value) {
        self.0.insert(key, value);
    }

    pub(super) fn read<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SettingError> {
        let text = self.get(key).map_or("", |value| value.text.as_str());
        parse(text).map_err(|fault| self.fault(key, &fault))
    }

    /// The error that a setting has this fault; it names the setting's source.
    pub(super) fn fault(&self, key: &'static str, fault: &str) -> SettingError {
        match self.get(key) {
            Some(value) => SettingError(format!("{} {fault}", value.source)),
            None => SettingError(format!("{key} {fault}")),
        }
    }
}
