//! Opens the database and makes the adapters that the settings ask for.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bookshelf_api::{Limits, Quotas};
use bookshelf_application::accounts::{Accounts, SessionLimits};
use bookshelf_application::books::Books;
use bookshelf_application::covers::Covers;
use bookshelf_application::{AccessRules, UseCases};
use bookshelf_domain::limits::RateLimiter;
use bookshelf_infrastructure::SchemaState;
use bookshelf_infrastructure::accounts::{BcryptPasswordHasher, JwtAccessTokens, JwtSecret};
use bookshelf_infrastructure::books::ReplicatedBookReader;
use bookshelf_infrastructure::covers::{CoverStoreError, ImageCoverCodec, ObjectCoverStore};
use bookshelf_infrastructure::limits::{MemoryRateLimiter, RedisRateLimiter};
use bookshelf_infrastructure::system::{SystemClock, SystemRandom};
use chrono::TimeDelta;
use secrecy::ExposeSecret;

use crate::backups;
use crate::database::{self, Database};
use crate::failure::Failure;
use crate::settings::{self, CoverPlace, Settings};

/// How many clients at least are counted in memory. Their counts take some megabytes.
const COUNTED_CLIENTS: usize = 100_000;

const EARLIER: &str = "the database has the schema or the search texts of an earlier version, or its \
    migration was interrupted: stop the servers of that version, then run \"bookshelf migrate\"";

const LATER: &str = "the database has the schema of a later version: run this command with \
    that version of bookshelf, or restore a backup from before its migration; to go back by one version \
    for a while, use \"bookshelf serve --no-migrate\"";

/// A task that must run as long as the server does.
pub(crate) type Watch = Pin<Box<dyn Future<Output = ()>>>;

/// The open database and the use cases on it.
pub(crate) struct Services<'a> {
    settings: &'a Settings,
    pub(crate) database: Database,
    pub(crate) use_cases: UseCases,
}

impl<'a> Services<'a> {
    /// Creates the data directory, if it is missing, and opens the database without migrating it.
    pub(crate) fn open(settings: &'a Settings) -> Result<Self, Failure> {
        make_data_dir(&settings.data_dir)?;
        let database = Database::open(&settings.database_url)?;
        let repositories = database.repositories();
        let rules = AccessRules {
            registration: settings.registration,
            catalogue_writes: settings.catalogue_writes,
        };
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let use_cases = UseCases::new(repositories, clock, random, rules);
        Ok(Self { settings, database, use_cases })
    }

    /// Opens the database for a command that uses it beside the servers. A new database gets the
    /// schema. One of another version, or with search texts of another version, is refused, because
    /// servers of that version may be using it; `migrate` allows to migrate an older one.
    pub(crate) fn open_current(settings: &'a Settings, migrate: bool) -> Result<Self, Failure> {
        let services = Self::open(settings)?;
        match services.schema_state()? {
            SchemaState::Current => {}
            SchemaState::Older if !migrate => {
                return Err(Failure::Failed(format!(
                    "{EARLIER}, or repeat this command with --migrate"
                )));
            }
            SchemaState::New | SchemaState::Older => drop(services.migrate()?),
            SchemaState::Newer => return Err(Failure::Failed(LATER.to_owned())),
        }
        Ok(services)
    }

    /// Refuses a database that is not migrated to this version. A later one is left to its servers.
    pub(crate) fn check_migrated(&self) -> Result<(), Failure> {
        match self.schema_state()? {
            SchemaState::Newer => Ok(()),
            state => check_current(state),
        }
    }

    /// Refuses a database of any other version.
    pub(crate) fn check_current(&self) -> Result<(), Failure> {
        check_current(self.schema_state()?)
    }

    fn schema_state(&self) -> Result<SchemaState, Failure> {
        let state = self.database.schema_state();
        state.map_err(|error| database::failure("cannot read the schema version", &error))
    }

    /// Applies the pending migrations and returns their names.
    pub(crate) fn migrate(&self) -> Result<Vec<String>, Failure> {
        match (self.schema_state()?, &self.settings.database_url) {
            (SchemaState::Current, _) => return Ok(Vec::new()),
            (SchemaState::Newer, _) => return Err(Failure::Failed(LATER.to_owned())),
            (SchemaState::Older, settings::Database::Sqlite(path))
                if self.settings.backup_before_migration =>
            {
                backups::copy_before_migration(self.settings, path)?;
            }
            _ => {}
        }
        let applied = self
            .database
            .migrate()
            .map_err(|error| database::failure("cannot bring the database up to date", &error))?;
        for name in &applied {
            tracing::info!(migration = name, "migrated");
        }
        Ok(applied)
    }

    /// Closes the database; see [`Database::close`].
    pub(crate) fn close(self, patience: Duration) {
        let Self { database, use_cases, .. } = self;
        drop(use_cases);
        database.close(patience);
    }

    /// The catalogue for requests without credentials, which may come from a replica, and the task
    /// that watches this replica.
    pub(crate) fn public_books(&self) -> Result<(Books, Option<Watch>), Failure> {
        let (Some(url), Database::Postgres(primary)) =
            (&self.settings.database_replica_url, &self.database)
        else {
            return Ok((self.use_cases.books(), None));
        };
        let replica = database::open_replica(url)?;
        let reader =
            ReplicatedBookReader::new(self.database.repositories().book_reader, replica.clone());
        let watch = replica.watch(primary.clone(), self.settings.replica_max_lag);
        Ok((self.use_cases.books_read_from(Arc::new(reader)), Some(Box::pin(watch))))
    }

    /// Checks that the store can be used, so that a wrong setting stops the start and not the first
    /// upload.
    pub(crate) async fn cover_store(&self) -> Result<ObjectCoverStore, Failure> {
        let store = cover_store(self.settings)?;
        store.check().await.map_err(|error| unusable_covers(self.settings, &error))?;
        Ok(store)
    }

    pub(crate) fn covers(&self, store: ObjectCoverStore) -> Result<Covers, Failure> {
        let codec = ImageCoverCodec::new()
            .map_err(|error| Failure::because("cannot start the reader of covers", &error))?;
        Ok(self.use_cases.covers(Arc::new(store), Arc::new(codec)))
    }

    pub(crate) fn accounts(&self, tokens: Arc<JwtAccessTokens>) -> Result<Accounts, Failure> {
        let settings = self.settings;
        let hasher = BcryptPasswordHasher::new(settings.bcrypt_cost, Arc::new(SystemRandom))
            .map_err(|error| Failure::because("cannot hash passwords", &error))?;
        let limits = SessionLimits {
            access_token: delta(settings.access_token_ttl),
            refresh_idle: delta(settings.refresh_token_idle),
            refresh_total: delta(settings.refresh_token_ttl),
            reuse_grace: delta(settings.refresh_reuse_grace),
        };
        Ok(self.use_cases.accounts(Arc::new(hasher), tokens, limits))
    }

    /// Must be called within the server's runtime, which drives the connection to Redis.
    pub(crate) fn redis(&self) -> Result<Option<Arc<RedisRateLimiter>>, Failure> {
        let Some(url) = &self.settings.redis_url else { return Ok(None) };
        RedisRateLimiter::new(url.expose_secret(), MemoryRateLimiter::new(COUNTED_CLIENTS))
            .map(|redis| Some(Arc::new(redis)))
            .map_err(|error| Failure::because("cannot use Redis", &error))
    }

    /// Requests are counted in Redis, or else in memory.
    pub(crate) fn limits(&self, redis: Option<Arc<RedisRateLimiter>>) -> Limits {
        let settings = self.settings;
        let limiter: Arc<dyn RateLimiter> = match redis {
            Some(redis) => redis,
            None => Arc::new(MemoryRateLimiter::new(COUNTED_CLIENTS)),
        };
        let quotas = Quotas {
            login: settings.rate_limit_login,
            login_account: settings.rate_limit_login_account,
            register: settings.rate_limit_register,
            password: settings.rate_limit_password,
            write: settings.rate_limit_write,
            read: settings.rate_limit_read,
        };
        Limits { limiter, clock: Arc::new(SystemClock), quotas }
    }

    /// Access tokens are signed with the folder of keys, else with the secret of the settings, else
    /// with a secret that the server makes itself.
    pub(crate) fn access_tokens(&self) -> Result<Arc<JwtAccessTokens>, Failure> {
        let tokens = match (&self.settings.jwt_keys, &self.settings.jwt_secret) {
            (Some(folder), _) => JwtAccessTokens::eddsa(folder),
            (None, Some(secret)) => JwtAccessTokens::hs256(secret),
            (None, None) if matches!(self.database, Database::Postgres(_)) => {
                return Err(Failure::Usage(
                    "set BOOKSHELF_JWT_SECRET or BOOKSHELF_JWT_KEYS: on PostgreSQL all instances \
                     must sign access tokens with the same secret or keys"
                        .to_owned(),
                ));
            }
            (None, None) => {
                let own = JwtSecret::own(&self.settings.data_dir, &SystemRandom);
                JwtAccessTokens::hs256(&signing(own)?)
            }
        };
        signing(tokens).map(Arc::new)
    }
}

fn check_current(state: SchemaState) -> Result<(), Failure> {
    let fault = match state {
        SchemaState::Current => return Ok(()),
        SchemaState::New => {
            "the database has no tables yet: run \"bookshelf migrate\", or leave out --no-migrate"
        }
        SchemaState::Older => EARLIER,
        SchemaState::Newer => LATER,
    };
    Err(Failure::Failed(fault.to_owned()))
}

/// The store of covers that the settings name.
pub(crate) fn cover_store(settings: &Settings) -> Result<ObjectCoverStore, Failure> {
    let store = match &settings.cover_store {
        CoverPlace::Folder(path) => ObjectCoverStore::folder(path),
        CoverPlace::S3 { bucket, prefix } => {
            let variables = settings::aws_variables().into_iter();
            ObjectCoverStore::s3(bucket, prefix, variables.chain(s3_credentials(settings)))
        }
    };
    store.map_err(|error| unusable_covers(settings, &error))
}

fn unusable_covers(settings: &Settings, error: &CoverStoreError) -> Failure {
    Failure::because(format_args!("cannot store covers in {}", settings.cover_store), error)
}

/// The variables of the credentials for S3, which may have been given in files.
fn s3_credentials(settings: &Settings) -> impl Iterator<Item = (String, String)> {
    let credentials = [
        ("AWS_ACCESS_KEY_ID", &settings.aws_access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &settings.aws_secret_access_key),
        ("AWS_SESSION_TOKEN", &settings.aws_session_token),
    ];
    credentials.into_iter().filter_map(|(name, value)| {
        Some((name.to_owned(), value.as_ref()?.expose_secret().to_owned()))
    })
}

fn signing<T, E: std::error::Error + 'static>(outcome: Result<T, E>) -> Result<T, Failure> {
    outcome.map_err(|error| Failure::because("cannot sign access tokens", &error))
}

fn make_data_dir(path: &Path) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        Failure::because(
            format_args!("cannot create the data directory {}", path.display()),
            &error,
        )
    })
}

/// Durations in settings are at most 100 years, so the conversion never fails.
fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
