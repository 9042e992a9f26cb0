use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bookshelf_api::CorsOrigins;
use bookshelf_domain::limits::Quota;
use ipnet::IpNet;

use super::parse::{self, CoverPlace, Database, LogFormat, Secret};
use super::sources::{Exposure, Setting, Values};
use super::{SettingError, Sources};

/// Turns the table below into the struct, its description and its reader, so that a new setting is
/// one entry there and nothing else.
macro_rules! settings {
    ($($(#[doc = $help:literal])+ $field:ident: $type:ty = $default:literal, $parse:path, $exposure:ident;)+) => {
        /// The settings in effect.
        #[derive(Debug)]
        pub(crate) struct Settings {
            $($(#[doc = $help])+ pub(crate) $field: $type,)+
        }

        pub(super) const TABLE: &[Setting] = &[
            $(Setting {
                key: stringify!($field),
                default: $default,
                help: concat!($($help),+),
                exposure: Exposure::$exposure,
            },)+
        ];

        impl Settings {
            fn parse(values: &Values) -> Result<Self, SettingError> {
                Ok(Self { $($field: values.read(stringify!($field), $parse)?,)+ })
            }
        }
    };
}

settings! {
    /// Folder of the database and of the server's own secret; made on first start, mode 0700.
    data_dir: PathBuf = "data", parse::path, Open;
    /// Where everything is kept: sqlite://PATH or postgres://user:password@host/database.
    database_url: Database = "sqlite://{data_dir}/bookshelf.db", parse::database, Url;
    /// A streaming replica of that PostgreSQL, from which whoever shows no credentials reads:
    /// postgres://…
    database_replica_url: Option<Secret> = "", parse::replica_url, Url;
    /// How far the replica may be behind before it is left out.
    replica_max_lag: Duration = "5s", parse::lifetime, Open;
    /// Address and port to listen on; port 0 takes a free one, printed in the log.
    listen: SocketAddr = "127.0.0.1:8080", parse::address, Open;
    /// How many HTTP workers.
    workers: usize = "cores", parse::workers, Open;
    /// Secret of at least 32 bytes that signs access tokens (HS256); without one the server makes
    /// its own and keeps it in the data directory.
    jwt_secret: Option<Secret> = "", parse::jwt_secret, Secret;
    /// Folder of Ed25519 keys (PKCS#8 PEM; the file's name is the kid) that sign access tokens
    /// (EdDSA) instead of a secret: the newest signs, all verify.
    jwt_keys: Option<PathBuf> = "", parse::optional_path, Open;
    /// How long an access token works.
    access_token_ttl: Duration = "15m", parse::lifetime, Open;
    /// How long a session lives on without use.
    refresh_token_idle: Duration = "14d", parse::lifetime, Open;
    /// How long a session lives at most.
    refresh_token_ttl: Duration = "30d", parse::lifetime, Open;
    /// How long the refresh token spent last gets the same successor again; 0 for never.
    refresh_reuse_grace: Duration = "10s", parse::duration, Open;
    /// Cost of a password's hash, 10 to 15.
    bcrypt_cost: u32 = "12", parse::bcrypt_cost, Open;
    /// Logins allowed per address, and per account: such as 5/minute, or off.
    rate_limit_login: Option<Quota> = "5/minute", parse::quota, Open;
    /// Registrations allowed per address.
    rate_limit_register: Option<Quota> = "5/minute", parse::quota, Open;
    /// Changes of a password and deletions of an account allowed per address.
    rate_limit_password: Option<Quota> = "5/minute", parse::quota, Open;
    /// Writes allowed per user, API key or address.
    rate_limit_write: Option<Quota> = "120/minute", parse::quota, Open;
    /// Reads allowed per user, API key or address.
    rate_limit_read: Option<Quota> = "600/minute", parse::quota, Open;
    /// Redis in which several servers count requests together: redis://HOST; without one each
    /// counts for itself.
    redis_url: Option<Secret> = "", parse::redis_url, Secret;
    /// Networks of the proxies that tell where a request comes from, comma separated.
    trusted_proxies: Vec<IpNet> = "", parse::networks, Open;
    /// Send Strict-Transport-Security.
    hsts: bool = "true", parse::switch, Open;
    /// Origins whose pages may read the API, comma separated, such as https://app.example.com; * for
    /// any.
    cors_origins: CorsOrigins = "", parse::cors_origins, Open;
    /// Refuse to change a resource without If-Match.
    require_if_match: bool = "false", parse::switch, Open;
    /// Where covers are kept: a folder, or s3://BUCKET/PREFIX with credentials, region and endpoint in
    /// the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT, …).
    cover_store: CoverPlace = "{data_dir}/covers", parse::cover_place, Open;
    /// What is logged: error, warn, info, debug, trace, or by module (bookshelf=debug,warn).
    log: String = "info", parse::log, Open;
    /// How it is logged: pretty, json, or auto for pretty on a terminal and json elsewhere.
    log_format: LogFormat = "auto", parse::log_format, Open;
    /// How long a connection is kept without a request.
    keep_alive: Duration = "75s", parse::lifetime, Open;
    /// How long the head of a request may take to arrive.
    head_timeout: Duration = "10s", parse::lifetime, Open;
    /// How long the body of a request may take to arrive; of one that is imported, 16 KiB of it.
    body_timeout: Duration = "30s", parse::lifetime, Open;
    /// How large a JSON body may be, in KiB.
    json_limit: usize = "256", parse::json_limit, Open;
    /// How many levels deep a JSON body may be nested.
    json_depth: usize = "32", parse::json_depth, Open;
    /// How long a request may take until it is answered.
    request_timeout: Duration = "60s", parse::lifetime, Open;
    /// How long a client may take nothing of a long answer.
    send_timeout: Duration = "2m", parse::lifetime, Open;
    /// How many connections are served at once; more wait.
    max_connections: usize = "10000", parse::connections, Open;
    /// How long running requests may take to finish when the server stops.
    shutdown_timeout: Duration = "30s", parse::duration, Open;
}

impl Settings {
    /// Reads every setting, or says what is wrong with the first bad one.
    pub(crate) fn read(sources: &Sources) -> Result<(Self, Values), SettingError> {
        let values = sources.resolve()?;
        let settings = Self::parse(&values)?;
        let least = if sources.insecure_test_settings { 4 } else { 10 };
        if settings.bcrypt_cost < least {
            return Err(values.fault("bcrypt_cost", "must be between 10 and 15"));
        }
        if settings.database_replica_url.is_some()
            && matches!(settings.database_url, Database::Sqlite(_))
        {
            return Err(values.fault("database_replica_url", "needs PostgreSQL as DATABASE_URL"));
        }
        Ok((settings, values))
    }
}
