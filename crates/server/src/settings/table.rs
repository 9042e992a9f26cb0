use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bookshelf_api::{CorsOrigins, LogAddress};
use bookshelf_application::{CatalogueWrites, RegistrationMode};
use bookshelf_domain::limits::Quota;
use bookshelf_infrastructure::accounts::JwtSecret;
use bookshelf_infrastructure::postgres::PostgresConfig;
use ipnet::IpNet;
use secrecy::SecretString;

use super::SettingError;
use super::bounds;
use super::parse::{self, CoverPlace, Database, LogFormat};
use super::setting::{Exposure, Setting, Values};

/// Makes the struct, its description and its reader from the table below, so that a new setting
/// needs one entry there and nothing else. A setting that is a number or a duration names its bounds.
macro_rules! settings {
    ($($(#[doc = $help:literal])+ $field:ident: $type:ty = $default:literal, $parse:path, $exposure:ident
        $(, $bounds:ident)?;)+) => {
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
                bounds: settings!(@bounds $($bounds)?),
            },)+
        ];

        impl Settings {
            fn parse(values: &Values) -> Result<Self, SettingError> {
                Ok(Self { $($field: values.read(stringify!($field), $parse)?,)+ })
            }
        }
    };
    (@bounds) => { None };
    (@bounds $bounds:ident) => { Some(bounds::$bounds) };
}

settings! {
    /// Folder of the database, the covers and the server's own secret; created on first start, mode
    /// 0700.
    data_dir: PathBuf = "data", parse::path, Open;
    /// Database to use: sqlite://PATH or postgres://user:password@host/database.
    database_url: Database = "sqlite://{data_dir}/bookshelf.db", parse::database, Url;
    /// Streaming replica of that PostgreSQL database, from which requests without credentials are
    /// served: postgres://…
    database_replica_url: Option<Box<PostgresConfig>> = "", parse::replica_url, Url;
    /// How far the replica may lag behind before the server stops using it.
    replica_max_lag: Duration = "5s", parse::lifetime, Open, LIFETIME;
    /// Address and port to listen on; port 0 takes a free port, printed in the log.
    listen: SocketAddr = "127.0.0.1:8080", parse::address, Open;
    /// Number of HTTP workers.
    workers: usize = "cores", parse::workers, Open, WORKERS;
    /// Secret of at least 32 bytes that signs access tokens (HS256); without it a server on SQLite
    /// makes its own and stores it in the data directory.
    jwt_secret: Option<JwtSecret> = "", parse::jwt_secret, Secret;
    /// Folder of Ed25519 keys (PKCS#8 PEM; the file name is the kid) that sign access tokens (EdDSA)
    /// instead of a secret: the newest key signs, all keys verify.
    jwt_keys: Option<PathBuf> = "", parse::optional_path, Open;
    /// How long an access token is valid.
    access_token_ttl: Duration = "15m", parse::lifetime, Open, LIFETIME;
    /// How long a session lasts without use.
    refresh_token_idle: Duration = "14d", parse::lifetime, Open, LIFETIME;
    /// How long a session lasts at most.
    refresh_token_ttl: Duration = "30d", parse::lifetime, Open, LIFETIME;
    /// How long the refresh token used last returns the same successor again; 0 for never.
    refresh_reuse_grace: Duration = "10s", parse::pause, Open, PAUSE;
    /// Cost of hashing a password.
    bcrypt_cost: u32 = "12", parse::bcrypt_cost, Open, BCRYPT_COST;
    /// Logins allowed per address: such as 5/minute, or off.
    rate_limit_login: Option<Quota> = "5/minute", parse::quota, Open, QUOTA;
    /// Failed logins allowed per account, wherever they come from.
    rate_limit_login_account: Option<Quota> = "100/hour", parse::quota, Open, QUOTA;
    /// Registrations allowed per address.
    rate_limit_register: Option<Quota> = "5/minute", parse::quota, Open, QUOTA;
    /// Password changes and account deletions allowed per address.
    rate_limit_password: Option<Quota> = "5/minute", parse::quota, Open, QUOTA;
    /// Writes allowed per user, API key or address.
    rate_limit_write: Option<Quota> = "120/minute", parse::quota, Open, QUOTA;
    /// Reads allowed per user, API key or address.
    rate_limit_read: Option<Quota> = "600/minute", parse::quota, Open, QUOTA;
    /// Who may register: open for everybody, invite for people with an invitation of an admin, or
    /// closed for nobody.
    registration: RegistrationMode = "open", parse::registration, Open;
    /// Who may add and change books and their covers: users or admins.
    catalogue_writes: CatalogueWrites = "users", parse::catalogue_writes, Open;
    /// Redis in which several servers share their request counts: redis://HOST; without it each
    /// server counts alone.
    redis_url: Option<SecretString> = "", parse::redis_url, Secret;
    /// Networks of the proxies whose X-Forwarded-For or Forwarded header is trusted, comma separated.
    trusted_proxies: Vec<IpNet> = "", parse::networks, Open;
    /// Send Strict-Transport-Security.
    hsts: bool = "true", parse::switch, Open;
    /// Origins whose pages may read the API, comma separated, such as https://app.example.com; * for
    /// any.
    cors_origins: CorsOrigins = "", parse::cors_origins, Open;
    /// Refuse to change a resource that has an ETag without If-Match.
    require_if_match: bool = "false", parse::switch, Open;
    /// Where covers are stored: a folder, or s3://BUCKET/PREFIX with credentials, region and endpoint
    /// in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT, …).
    cover_store: CoverPlace = "{data_dir}/covers", parse::cover_place, Open;
    /// Name of the access key for S3.
    aws_access_key_id: Option<SecretString> = "", parse::optional_secret, Secret;
    /// Secret of the access key for S3.
    aws_secret_access_key: Option<SecretString> = "", parse::optional_secret, Secret;
    /// Session token of a temporary access key for S3.
    aws_session_token: Option<SecretString> = "", parse::optional_secret, Secret;
    /// What is logged: error, warn, info, debug, trace, or a level per module
    /// (bookshelf=debug,warn).
    log: String = "info", parse::log, Open;
    /// Format of the log: pretty, json, or auto for pretty on a terminal and json elsewhere.
    log_format: LogFormat = "auto", parse::log_format, Open;
    /// How much of the address of clients is logged: full, short for its network (/24 of IPv4, /48 of
    /// IPv6), or off.
    log_address: LogAddress = "full", parse::log_address, Open;
    /// Address and port on which metrics for Prometheus are served, without credentials; without it
    /// nothing is measured.
    metrics_listen: Option<SocketAddr> = "", parse::optional_address, Open;
    /// How long an idle connection is kept open.
    keep_alive: Duration = "75s", parse::lifetime, Open, LIFETIME;
    /// How long the head of a request may take to arrive.
    head_timeout: Duration = "10s", parse::lifetime, Open, LIFETIME;
    /// How long the body of a request may take to arrive; for an import, each 256 KiB of the body.
    body_timeout: Duration = "30s", parse::lifetime, Open, LIFETIME;
    /// Largest size of a JSON body, in KiB.
    json_limit: usize = "256", parse::json_limit, Open, JSON_LIMIT;
    /// Deepest nesting of a JSON body, in levels.
    json_depth: usize = "32", parse::json_depth, Open, JSON_DEPTH;
    /// How long a request may take until it is answered.
    request_timeout: Duration = "60s", parse::lifetime, Open, LIFETIME;
    /// How long an import over HTTP may take; the rows until then are kept.
    import_timeout: Duration = "1h", parse::lifetime, Open, LIFETIME;
    /// How long a client may stop reading a long response before its connection is closed.
    send_timeout: Duration = "2m", parse::lifetime, Open, LIFETIME;
    /// Connections served at once; more have to wait.
    max_connections: usize = "10000", parse::connections, Open, CONNECTIONS;
    /// Folder in which the server makes a backup of its library on SQLite again and again.
    backup_dir: Option<PathBuf> = "", parse::optional_path, Open;
    /// How often a backup is made in backup_dir.
    backup_every: Duration = "1d", parse::lifetime, Open, LIFETIME;
    /// How many of these backups are kept.
    backup_keep: usize = "7", parse::backup_keep, Open, BACKUP_KEEP;
    /// Copy a database on SQLite into the data directory before it is migrated; two copies are kept.
    backup_before_migration: bool = "true", parse::switch, Open;
    /// How long the server answers as before after it was told to stop. It is not ready meanwhile, so
    /// that a load balancer sees it.
    drain_delay: Duration = "0s", parse::pause, Open, PAUSE;
    /// How long running requests may take to finish when the server stops.
    shutdown_timeout: Duration = "30s", parse::pause, Open, PAUSE;
}

impl Settings {
    /// Parses every setting, or says what is wrong with the first one that does not parse.
    /// `insecure` allows settings that are too weak for anything but tests.
    pub(crate) fn read(values: &Values, insecure: bool) -> Result<Self, SettingError> {
        let settings = Self::parse(values)?;
        if settings.bcrypt_cost < 10 && !insecure {
            return Err(
                values.fault("bcrypt_cost", &format!("must be a number {}", bounds::BCRYPT_COST))
            );
        }
        if settings.database_replica_url.is_some()
            && matches!(settings.database_url, Database::Sqlite(_))
        {
            return Err(values.fault("database_replica_url", "needs PostgreSQL as DATABASE_URL"));
        }
        if settings.backup_dir.is_some() && matches!(settings.database_url, Database::Postgres(_)) {
            let why = "needs SQLite; PostgreSQL is saved with pg_dump or by archiving its log";
            return Err(values.fault("backup_dir", why));
        }
        Ok(settings)
    }
}
