use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::SettingError;
use super::table::TABLE;

/// What there is to know about a setting before it has a value.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    /// `{data_dir}` stands for the setting of that name.
    pub(super) default: &'static str,
    pub(super) help: &'static str,
    pub(super) exposure: Exposure,
}

/// How much of a setting may be shown. What may not be shown whole can also be given as the name of
/// a file that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exposure {
    Open,
    /// A URL, which may have a password in it.
    Url,
    Secret,
}

impl Setting {
    /// The names under which the setting is looked for; the second is that of a file with the value.
    fn keys(&self) -> impl Iterator<Item = (String, bool)> {
        let is_open = self.exposure == Exposure::Open;
        let file = (!is_open).then(|| (format!("{}_file", self.key), true));
        std::iter::once((self.key.to_owned(), false)).chain(file)
    }
}

fn flag(key: &str) -> String {
    key.replace('_', "-")
}

fn variable(key: &str) -> String {
    let prefix = if key.starts_with("database_") { "" } else { "BOOKSHELF_" };
    format!("{prefix}{}", key.to_ascii_uppercase())
}

/// The settings given as flags, by key.
#[derive(Debug, Default)]
pub(crate) struct Flags(BTreeMap<String, String>);

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let keys = TABLE.iter().flat_map(|setting| setting.keys().map(move |key| (setting, key)));
        keys.fold(command, |command, (setting, (key, is_file))| {
            let variable = variable(&key);
            let help = match (is_file, setting.default) {
                (true, _) => format!("File that holds {}", flag(setting.key)),
                (false, "") => setting.help.trim().to_owned(),
                (false, default) => format!("{} [default: {default}]", setting.help.trim()),
            };
            command.arg(
                Arg::new(key.clone())
                    .long(flag(&key))
                    .value_name(if is_file { "FILE" } else { "VALUE" })
                    .help(format!("{help} [env: {variable}]"))
                    .help_heading("Settings")
                    .hide_short_help(true)
                    .global(true),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for (key, _) in TABLE.iter().flat_map(Setting::keys) {
            if let Some(text) = matches.get_one::<String>(&key) {
                self.0.insert(key, text.clone());
            }
        }
        Ok(())
    }
}

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Flag(String),
    Environment(String),
    DotEnv(String),
    File(String, PathBuf),
    Default(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(key) => write!(f, "--{}", flag(key)),
            Self::Environment(key) => write!(f, "{} (environment)", variable(key)),
            Self::DotEnv(key) => write!(f, "{} (.env)", variable(key)),
            Self::File(key, path) => write!(f, "{key} ({})", path.display()),
            Self::Default(key) => write!(f, "{key} (default)"),
        }
    }
}

/// Everywhere that a setting may come from.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) insecure_test_settings: bool,
    pub(super) flags: BTreeMap<String, String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) dot_env: BTreeMap<String, String>,
    pub(super) file: Option<(PathBuf, BTreeMap<String, String>)>,
}

impl Sources {
    /// Gathers the flags, the environment, `.env` in the working directory and the file.
    pub(crate) fn gather(
        flags: Flags,
        insecure_test_settings: bool,
        file: Option<&Path>,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            insecure_test_settings,
            flags: flags.0,
            environment: environment()?,
            dot_env: dot_env(Path::new(".env"))?,
            file: file.map(|path| Ok((path.to_owned(), config_file(path)?))).transpose()?,
        })
    }

    /// The text of every setting, from the first source that has it.
    pub(super) fn resolve(&self) -> Result<Values, SettingError> {
        let mut values = Values::default();
        for setting in TABLE {
            let value = match self.find(setting)? {
                Some(found) => found,
                None => {
                    let folder = values.0.get("data_dir").map_or("", |value| value.text.as_str());
                    Value {
                        text: setting.default.replace("{data_dir}", folder),
                        source: Source::Default(setting.key),
                    }
                }
            };
            values.0.insert(setting.key, value);
        }
        Ok(values)
    }

    fn find(&self, setting: &Setting) -> Result<Option<Value>, SettingError> {
        type Named = fn(String) -> Source;
        let layers: [(&BTreeMap<String, String>, Named); 3] = [
            (&self.flags, Source::Flag),
            (&self.environment, Source::Environment),
            (&self.dot_env, Source::DotEnv),
        ];
        for (layer, source) in layers {
            if let Some(found) = find_in(layer, setting, source)? {
                return Ok(Some(found));
            }
        }
        match &self.file {
            Some((path, layer)) => find_in(layer, setting, |key| Source::File(key, path.clone())),
            None => Ok(None),
        }
    }
}

fn find_in(
    layer: &BTreeMap<String, String>,
    setting: &Setting,
    source: impl Fn(String) -> Source,
) -> Result<Option<Value>, SettingError> {
    let mut found = None;
    for (key, is_file) in setting.keys() {
        let Some(text) = layer.get(&key) else { continue };
        let source = source(key);
        if let Some(Value { source: first, .. }) = found {
            return Err(SettingError(format!("{first} and {source} are both given: keep one")));
        }
        let text = if is_file { secret_file(Path::new(text), &source)? } else { text.clone() };
        found = Some(Value { text, source });
    }
    Ok(found)
}

/// A secret's file holds the secret, and perhaps a line break after it.
fn secret_file(path: &Path, source: &Source) -> Result<String, SettingError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        SettingError(format!("{source}: cannot read {}: {error}", path.display()))
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The variables that are settings. An empty one counts as not given, as compose files leave them.
fn environment() -> Result<BTreeMap<String, String>, SettingError> {
    let mut found = BTreeMap::new();
    for (key, _) in TABLE.iter().flat_map(Setting::keys) {
        let name = variable(&key);
        match std::env::var(&name) {
            Ok(text) if !text.is_empty() => {
                found.insert(key, text);
            }
            Ok(_) | Err(std::env::VarError::NotPresent) => {}
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(SettingError(format!("{name} (environment) is not UTF-8")));
            }
        }
    }
    Ok(found)
}

pub(super) fn dot_env(path: &Path) -> Result<BTreeMap<String, String>, SettingError> {
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(BTreeMap::new()),
        Err(error) => return Err(SettingError(format!("cannot read {}: {error}", path.display()))),
    };
    let mut given = BTreeMap::new();
    for line in lines {
        // dotenvy's own message repeats the line, which may hold a secret.
        let (name, text) = line.map_err(|_| {
            SettingError(format!("{} has a line that is not NAME=value", path.display()))
        })?;
        given.insert(name, text);
    }
    let keys = TABLE.iter().flat_map(Setting::keys);
    Ok(keys
        .filter_map(|(key, _)| Some((given.remove(&variable(&key))?, key)))
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, key)| (key, text))
        .collect())
}

pub(super) fn config_file(path: &Path) -> Result<BTreeMap<String, String>, SettingError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| SettingError(format!("cannot read {shown}: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        SettingError(format!("{shown}, line {line}: {}", error.message()))
    })?;
    let mut found = BTreeMap::new();
    for (key, value) in table {
        if !TABLE.iter().flat_map(Setting::keys).any(|(known, _)| known == key) {
            return Err(SettingError(format!("{shown}: there is no setting \"{key}\"")));
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(switch) => switch.to_string(),
            _ => {
                return Err(SettingError(format!(
                    "{key} ({shown}) must be text, a whole number, true or false"
                )));
            }
        };
        found.insert(key, text);
    }
    Ok(found)
}

/// The text of a setting and where it was found.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) source: Source,
}

/// The text of every setting, by key.
#[derive(Debug, Default)]
pub(crate) struct Values(BTreeMap<&'static str, Value>);

impl Values {
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    pub(super) fn read<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SettingError> {
        let text = self.get(key).map_or("", |value| value.text.as_str());
        parse(text).map_err(|fault| self.fault(key, &fault))
    }

    /// Something that is wrong with a setting, told with where it came from.
    pub(super) fn fault(&self, key: &'static str, fault: &str) -> SettingError {
        let source = self.get(key).map_or(Source::Default(key), |value| value.source.clone());
        SettingError(format!("{source} {fault}"))
    }
}
