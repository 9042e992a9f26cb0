use std::io::{self, Write};

use super::setting::{Exposure, Setting, Values};
use super::table::TABLE;

/// Writes every setting in the format of the file for `--config`, with its source in a comment.
/// Secrets are masked.
pub(crate) fn show(values: &Values, out: &mut impl Write) -> io::Result<()> {
    for setting in TABLE {
        let Some(value) = values.get(setting.key) else { continue };
        let text = masked(&value.text, setting.exposure);
        let line = format!("{} = {}", setting.key, quoted(&text));
        writeln!(out, "{line:<60} # {}", value.source)?;
    }
    Ok(())
}

/// Writes a file for `--config` that changes nothing: every setting is a comment with its default.
pub(crate) fn show_example(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# Settings of Bookshelf. Remove the # in front of a setting to change it.")?;
    for Setting { key, default, help, bounds, .. } in TABLE {
        let default = default.replace("{data_dir}", "data");
        let bounds = bounds.map(|bounds| format!(" ({bounds})")).unwrap_or_default();
        writeln!(out, "\n# {}{bounds}\n#{key} = {}", help.trim(), quoted(&default))?;
    }
    Ok(())
}

/// A JSON string is also a basic string of TOML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

const MASK: &str = "********";

fn masked(text: &str, exposure: Exposure) -> String {
    match exposure {
        Exposure::Secret if !text.is_empty() => MASK.to_owned(),
        Exposure::Url => without_password(text),
        Exposure::Secret | Exposure::Open => text.to_owned(),
    }
}

pub(super) fn has_password(url: &str) -> bool {
    without_password(url) != url
}

fn without_password(url: &str) -> String {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (user, place) = rest.rsplit_once('@')?;
        let (user, _) = user.split_once(':')?;
        Some(format!("{scheme}://{user}:{MASK}@{place}"))
    });
    let url = parts.unwrap_or_else(|| url.to_owned());
    // PostgreSQL accepts the password as a parameter too.
    let Some((address, query)) = url.split_once('?') else { return url };
    let masked: Vec<_> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some(("password", _)) => format!("password={MASK}"),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{address}?{}", masked.join("&"))
}
