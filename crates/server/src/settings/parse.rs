//! Parses the text of each setting. An error completes a sentence that starts with the setting's
//! name, and never repeats the text of a secret.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use bookshelf_api::CorsOrigins;
use bookshelf_domain::limits::Quota;
use bookshelf_infrastructure::accounts::JwtSecret;
use bookshelf_infrastructure::postgres::PostgresConfig;
use ipnet::IpNet;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

/// The kind and the location of a database.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    Sqlite(PathBuf),
    Postgres(Box<PostgresConfig>),
}

/// Where covers are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CoverPlace {
    Folder(PathBuf),
    S3 { bucket: String, prefix: String },
}

impl fmt::Display for CoverPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Auto,
    Pretty,
    Json,
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must name a folder".to_owned()) } else { Ok(text.into()) }
}

/// The URL of a database, in a setting or an argument.
pub(crate) fn database(text: &str) -> Result<Database, String> {
    match text.split_once("://") {
        Some(("sqlite", "" | ":memory:")) => Err("must name a file: sqlite://PATH".to_owned()),
        Some(("sqlite", path)) => Ok(Database::Sqlite(path.into())),
        Some(("postgres" | "postgresql", _)) => postgres(text).map(Database::Postgres),
        // The rest of the text may contain a password.
        Some((scheme, _)) => {
            Err(format!("must be sqlite://PATH or postgres://…, not {scheme}://…"))
        }
        None => Err("must be sqlite://PATH or postgres://user@host/database".to_owned()),
    }
}

pub(super) fn cover_place(text: &str) -> Result<CoverPlace, String> {
    match text.split_once("://") {
        None => path(text).map(CoverPlace::Folder),
        Some(("s3", place)) => {
            let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            if bucket.is_empty() || !bucket.chars().all(is_name) {
                return Err("must name a bucket: s3://BUCKET/PREFIX".to_owned());
            }
            let prefix = prefix.trim_matches('/').to_owned();
            Ok(CoverPlace::S3 { bucket: bucket.to_owned(), prefix })
        }
        Some((scheme, _)) => {
            Err(format!("must be a folder or s3://BUCKET/PREFIX, not {scheme}://…"))
        }
    }
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next()).ok_or_else(|| {
        format!("must be an address and a port, such as 127.0.0.1:8080, not \"{text}\"")
    })
}

pub(super) fn workers(text: &str) -> Result<usize, String> {
    if text == "cores" {
        return Ok(std::thread::available_parallelism().map_or(1, usize::from));
    }
    match text.parse() {
        Ok(count @ 1..=1024) => Ok(count),
        _ => Err(format!("must be a number from 1 to 1024, or \"cores\", not \"{text}\"")),
    }
}

pub(super) fn connections(text: &str) -> Result<usize, String> {
    number(text, 1..=1_000_000)
}

pub(super) fn json_limit(text: &str) -> Result<usize, String> {
    number(text, 1..=65_536)
}

/// The JSON parser itself refuses more than 128 levels.
pub(super) fn json_depth(text: &str) -> Result<usize, String> {
    number(text, 1..=100)
}

fn number(text: &str, allowed: RangeInclusive<usize>) -> Result<usize, String> {
    text.parse().ok().filter(|number| allowed.contains(number)).ok_or_else(|| {
        format!("must be a number from {} to {}, not \"{text}\"", allowed.start(), allowed.end())
    })
}

pub(super) fn cors_origins(text: &str) -> Result<CorsOrigins, String> {
    let origins: Vec<_> =
        text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
    if origins.is_empty() {
        return Ok(CorsOrigins::None);
    }
    if origins == ["*"] {
        return Ok(CorsOrigins::Any);
    }
    match origins.iter().find(|origin| !is_origin(origin)) {
        Some(wrong) => Err(format!(
            "must be * or origins such as https://app.example.com, in lower case and without a \
             path, not \"{wrong}\""
        )),
        None => Ok(CorsOrigins::Only(origins.into_iter().map(str::to_owned).collect())),
    }
}

/// Whether a browser could send this text as `Origin` (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let Some((scheme, place)) = text.split_once("://") else { return false };
    let is_plain = |c: char| c.is_ascii_graphic() && !c.is_ascii_uppercase();
    // Browsers leave out the default port.
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => "/",
    };
    let is_empty = scheme.is_empty() || place.is_empty();
    let has_more = place.contains(['/', '*', '?', '#', '@']) || place.ends_with(default_port);
    !is_empty && !has_more && text.chars().all(is_plain)
}

pub(super) fn jwt_secret(text: &str) -> Result<Option<JwtSecret>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    JwtSecret::new(text).map(Some).map_err(|_| "must be at least 32 bytes long".to_owned())
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        // Adding 100 years to a point in time cannot overflow.
        Ok(duration) if duration <= Duration::from_secs(100 * 365 * 24 * 3600) => Ok(duration),
        Ok(_) => Err("must be at most 100 years".to_owned()),
        Err(_) => Err(format!("must be a duration such as 30s, 15m or 14d, not \"{text}\"")),
    }
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        whole if whole < Duration::from_secs(1) => Err("must be at least 1s".to_owned()),
        whole => Ok(whole),
    }
}

/// Tests may use a cost below 10; [`Settings::read`](super::Settings::read) refuses it elsewhere.
pub(super) fn bcrypt_cost(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(cost @ 4..=15) => Ok(cost),
        _ => Err(format!("must be a number from 10 to 15, not \"{text}\"")),
    }
}

pub(super) fn quota(text: &str) -> Result<Option<Quota>, String> {
    match text {
        "off" => Ok(None),
        _ => text.parse().map(Some).map_err(|fault| format!("{fault}, or be off, not \"{text}\"")),
    }
}

pub(super) fn replica_url(text: &str) -> Result<Option<Box<PostgresConfig>>, String> {
    if text.is_empty() { Ok(None) } else { postgres(text).map(Some) }
}

fn postgres(url: &str) -> Result<Box<PostgresConfig>, String> {
    PostgresConfig::parse(url).map(Box::new).map_err(|error| error.to_string())
}

pub(super) fn redis_url(text: &str) -> Result<Option<SecretString>, String> {
    match text.split_once("://") {
        None if text.is_empty() => Ok(None),
        Some(("redis", place)) if !place.is_empty() => Ok(Some(text.into())),
        _ => Err("must be redis://HOST[:PORT][/DATABASE]".to_owned()),
    }
}

pub(super) fn optional_path(text: &str) -> Result<Option<PathBuf>, String> {
    Ok((!text.is_empty()).then(|| PathBuf::from(text)))
}

/// Networks or single addresses, comma separated.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let address = || item.parse::<IpAddr>().map(IpNet::from);
            item.parse().or_else(|_| address()).map_err(|_| {
                format!("must be networks such as 10.0.0.0/8, comma separated, not \"{item}\"")
            })
        })
        .collect()
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(format!("must be true or false, not \"{text}\"")),
    }
}

pub(super) fn log(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!(
            "must be error, warn, info, debug, trace, off or a list such as bookshelf=debug,warn, not \"{text}\""
        )),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("must be pretty, json or auto, not \"{text}\"")),
    }
}
