//! Parses the text of each setting. An error completes a sentence that starts with the setting's
//! name, and never repeats the text of a secret.

use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use bookshelf_api::{CorsOrigins, LogAddress};
use bookshelf_application::{CatalogueWrites, RegistrationMode};
use bookshelf_domain::limits::Quota;
use bookshelf_infrastructure::accounts::JwtSecret;
use bookshelf_infrastructure::postgres::PostgresConfig;
use ipnet::IpNet;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use super::bounds::{
    BACKUP_KEEP, BCRYPT_COST, CONNECTIONS, JSON_DEPTH, JSON_LIMIT, LIFETIME, PAUSE, QUOTA, WORKERS,
};

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

pub(super) fn optional_secret(text: &str) -> Result<Option<SecretString>, String> {
    Ok((!text.is_empty()).then(|| text.into()))
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next()).ok_or_else(|| {
        format!("must be an address and a port, such as 127.0.0.1:8080, not \"{text}\"")
    })
}

pub(super) fn optional_address(text: &str) -> Result<Option<SocketAddr>, String> {
    if text.is_empty() { Ok(None) } else { address(text).map(Some) }
}

pub(super) fn workers(text: &str) -> Result<usize, String> {
    match text {
        "cores" => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
        _ => WORKERS
            .number(text)
            .map_err(|fault| fault.replacen("must be", "must be \"cores\" or", 1)),
    }
}

pub(super) fn connections(text: &str) -> Result<usize, String> {
    CONNECTIONS.number(text)
}

pub(super) fn json_limit(text: &str) -> Result<usize, String> {
    JSON_LIMIT.number(text)
}

pub(super) fn json_depth(text: &str) -> Result<usize, String> {
    JSON_DEPTH.number(text)
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

pub(super) fn pause(text: &str) -> Result<Duration, String> {
    PAUSE.time(text)
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    LIFETIME.time(text)
}

pub(super) fn backup_keep(text: &str) -> Result<usize, String> {
    BACKUP_KEEP.number(text)
}

/// Tests may use a cost below the bounds; [`Settings::read`](super::Settings::read) refuses it
/// elsewhere.
pub(super) fn bcrypt_cost(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(cost @ 4..=9) => Ok(cost),
        _ => BCRYPT_COST.number(text).map(|cost| cost as u32),
    }
}

pub(super) fn quota(text: &str) -> Result<Option<Quota>, String> {
    if text == "off" { Ok(None) } else { QUOTA.quota(text).map(Some) }
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

pub(super) fn registration(text: &str) -> Result<RegistrationMode, String> {
    match text {
        "open" => Ok(RegistrationMode::Open),
        "invite" => Ok(RegistrationMode::Invite),
        "closed" => Ok(RegistrationMode::Closed),
        _ => Err(format!("must be open, invite or closed, not \"{text}\"")),
    }
}

pub(super) fn catalogue_writes(text: &str) -> Result<CatalogueWrites, String> {
    match text {
        "users" => Ok(CatalogueWrites::Users),
        "admins" => Ok(CatalogueWrites::Admins),
        _ => Err(format!("must be users or admins, not \"{text}\"")),
    }
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

pub(super) fn log_address(text: &str) -> Result<LogAddress, String> {
    match text {
        "full" => Ok(LogAddress::Full),
        "short" => Ok(LogAddress::Short),
        "off" => Ok(LogAddress::Off),
        _ => Err(format!("must be full, short or off, not \"{text}\"")),
    }
}
