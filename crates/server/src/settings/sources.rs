//! Reads settings from the flags, the environment, `.env` and the settings file, in this order.
//!
//! The crate `figment` keeps sources too, but its environment turns digits into numbers (which
//! changes secrets), its errors repeat the value, and our own providers would be as long as this.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use super::setting::{Origin, PREFIX, Setting, Source, Value, Values, variable};
use super::table::TABLE;
use super::{Flags, SettingError};

/// The texts given in one place, by key.
pub(super) struct Layer {
    pub(super) origin: Origin,
    pub(super) texts: BTreeMap<String, String>,
}

/// Finds the value of every setting: from the flags, the environment, `.env` in the working
/// directory, the settings file, or the default.
pub(crate) fn gather(flags: Flags, file: Option<&Path>) -> Result<Values, SettingError> {
    let mut layers = vec![
        Layer { origin: Origin::Flags, texts: flags.0 },
        Layer { origin: Origin::Environment, texts: environment(TABLE)? },
        Layer { origin: Origin::DotEnv, texts: dot_env(Path::new(".env"), TABLE)? },
    ];
    if let Some(path) = file {
        layers.push(Layer { origin: Origin::File(path.to_owned()), texts: config_file(path)? });
    }
    resolve(&layers)
}

/// Takes every setting from the first layer that has it, else from its default.
pub(super) fn resolve(layers: &[Layer]) -> Result<Values, SettingError> {
    let mut values = Values::default();
    for setting in TABLE {
        let value = match find(layers, setting)? {
            Some(found) => found,
            None => {
                // The table begins with data_dir, so its value is known here.
                let data_dir = values.get("data_dir").map_or("", |value| value.text.as_str());
                let source = Source { key: setting.key.to_owned(), origin: Origin::Default };
                Value { text: setting.default.replace("{data_dir}", data_dir), source }
            }
        };
        values.insert(setting.key, value);
    }
    Ok(values)
}

pub(super) fn find(layers: &[Layer], setting: &Setting) -> Result<Option<Value>, SettingError> {
    for Layer { origin, texts } in layers {
        let mut given = setting.keys().filter_map(|(key, is_file)| {
            let text = texts.get(&key)?;
            Some((text, is_file, Source { key, origin: origin.clone() }))
        });
        let Some((text, is_file, source)) = given.next() else { continue };
        if let Some((.., second)) = given.next() {
            return Err(SettingError(format!("{source} and {second} are both given: keep one")));
        }
        let text = if is_file { secret_file(Path::new(text), &source)? } else { text.clone() };
        return Ok(Some(Value { text, source }));
    }
    Ok(None)
}

/// Reads a file that contains a secret, and perhaps a line break after it.
fn secret_file(path: &Path, source: &Source) -> Result<String, SettingError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        SettingError(format!("{source}: cannot read {}: {error}", path.display()))
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Refuses a variable that has our prefix but is no setting. A misspelt setting would otherwise be
/// without effect, and nobody would notice.
fn refuse_unknown(names: impl Iterator<Item = String>, place: &str) -> Result<(), SettingError> {
    let is_unknown =
        |name: &String| name.starts_with(PREFIX) && !keys(TABLE).any(|key| variable(&key) == *name);
    match names.filter(is_unknown).min() {
        None => Ok(()),
        Some(name) => {
            let nearest = variable(&nearest(name.trim_start_matches(PREFIX)));
            Err(SettingError(format!(
                "{name} ({place}) is not a setting: the nearest one is {nearest}; correct the name or \
                 unset it"
            )))
        }
    }
}

/// The key that resembles a name most.
fn nearest(name: &str) -> String {
    let name = name.to_lowercase();
    keys(TABLE).min_by_key(|key| strsim::damerau_levenshtein(&name, key)).unwrap_or_default()
}

pub(super) fn keys(table: &[Setting]) -> impl Iterator<Item = String> {
    table.iter().flat_map(Setting::keys).map(|(key, _)| key)
}

/// The environment variables that are settings. An empty variable counts as not given, because
/// Compose files often leave variables empty.
pub(super) fn environment(table: &[Setting]) -> Result<BTreeMap<String, String>, SettingError> {
    let names = env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    refuse_unknown(names, "environment")?;
    let mut texts = BTreeMap::new();
    for key in keys(table) {
        let name = variable(&key);
        match env::var(&name) {
            Ok(text) if !text.is_empty() => {
                texts.insert(key, text);
            }
            Ok(_) | Err(env::VarError::NotPresent) => {}
            Err(env::VarError::NotUnicode(_)) => {
                return Err(SettingError(format!("{name} (environment) is not UTF-8")));
            }
        }
    }
    Ok(texts)
}

pub(super) fn dot_env(
    path: &Path,
    table: &[Setting],
) -> Result<BTreeMap<String, String>, SettingError> {
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(BTreeMap::new()),
        Err(error) => return Err(SettingError(format!("cannot read {}: {error}", path.display()))),
    };
    let mut given = BTreeMap::new();
    for line in lines {
        // dotenvy's own message repeats the line, which may contain a secret.
        let (name, text) = line.map_err(|_| {
            SettingError(format!("{} has a line that is not NAME=value", path.display()))
        })?;
        given.insert(name, text);
    }
    refuse_unknown(given.keys().cloned(), &path.display().to_string())?;
    let texts = keys(table).filter_map(|key| Some((given.remove(&variable(&key))?, key)));
    Ok(texts.filter(|(text, _)| !text.is_empty()).map(|(text, key)| (key, text)).collect())
}

pub(super) fn config_file(path: &Path) -> Result<BTreeMap<String, String>, SettingError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| SettingError(format!("cannot read {shown}: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        SettingError(format!("{shown}, line {line}: {}", error.message()))
    })?;
    let mut texts = BTreeMap::new();
    for (key, value) in table {
        if !keys(TABLE).any(|known| known == key) {
            let nearest = nearest(&key);
            return Err(SettingError(format!(
                "{shown}: there is no setting \"{key}\"; the nearest one is \"{nearest}\""
            )));
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
        texts.insert(key, text);
    }
    Ok(texts)
}

/// The variables `AWS_…`, under which every program expects the settings of S3, from the
/// environment and `.env`. The credentials among them are settings of the table too.
pub(crate) fn aws_variables() -> BTreeMap<String, String> {
    // Unreadable lines have already stopped the start, in `dot_env`.
    let dot_env = dotenvy::from_path_iter(".env").into_iter().flatten().filter_map(Result::ok);
    let environment = env::vars_os()
        .filter_map(|(name, text)| name.into_string().ok().zip(text.into_string().ok()));
    let given = dot_env.chain(environment);
    given.filter(|(name, text)| name.starts_with("AWS_") && !text.is_empty()).collect()
}
