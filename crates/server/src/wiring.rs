//! Which adapter stands behind which port.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bookshelf_api::{Limits, Quotas};
use bookshelf_application::Retries;
use bookshelf_application::accounts::{AccountPorts, Accounts, SessionLimits};
use bookshelf_application::api_keys::ApiKeys;
use bookshelf_application::books::Books;
use bookshelf_application::covers::Covers;
use bookshelf_application::shelves::Shelves;
use bookshelf_application::transfer::Transfer;
use bookshelf_application::transfer::histories::Histories;
use bookshelf_domain::limits::RateLimiter;
use bookshelf_domain::{Clock, Random};
use bookshelf_infrastructure::accounts::{BcryptPasswordHasher, JwtAccessTokens, JwtSecret};
use bookshelf_infrastructure::books::ReplicatedBookRepository;
use bookshelf_infrastructure::covers::{ImageCoverCodec, ObjectCoverStore};
use bookshelf_infrastructure::limits::{MemoryRateLimiter, RedisRateLimiter};
use bookshelf_infrastructure::system::{SystemClock, SystemRandom};
use chrono::TimeDelta;

use crate::database::{self, Database, Repositories};
use crate::failure::Failure;
use crate::settings::{self, CoverPlace, Settings};

/// How many clients' counts of requests are remembered at least: some megabytes.
const COUNTED_CLIENTS: usize = 100_000;

/// What has to be run beside the server for as long as that runs.
pub(crate) type Watch = Pin<Box<dyn Future<Output = ()>>>;

/// The database and what else the use cases stand on.
pub(crate) struct House<'a> {
    settings: &'a Settings,
    pub(crate) database: Database,
    repositories: Repositories,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl<'a> House<'a> {
    /// Makes the data directory, where there is none, and opens the database as it is.
    pub(crate) fn open(settings: &'a Settings) -> Result<Self, Failure> {
        make_data_dir(&settings.data_dir)?;
        let database = Database::open(&settings.database_url)?;
        Ok(Self {
            settings,
            repositories: database.repositories(),
            database,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        })
    }

    /// Opens the database and brings it up to date.
    pub(crate) fn open_migrated(settings: &'a Settings) -> Result<Self, Failure> {
        let house = Self::open(settings)?;
        house.migrate()?;
        Ok(house)
    }

    /// Returns the names of the migrations that were applied.
    pub(crate) fn migrate(&self) -> Result<Vec<String>, Failure> {
        let applied = self
            .database
            .migrate()
            .map_err(|error| Failure::because("cannot bring the database up to date", &error))?;
        for name in &applied {
            tracing::info!(migration = name, "migrated");
        }
        Ok(applied)
    }

    /// Closes the database; see [`Database::close`].
    pub(crate) fn close(self, patience: Duration) {
        let Self { database, repositories, .. } = self;
        drop(repositories);
        database.close(patience);
    }

    pub(crate) fn books(&self) -> Books {
        Books::new(self.repositories.books.clone(), self.clock.clone(), self.retries())
    }

    /// The catalogue for whoever shows no credentials, and what keeps watch over its replica.
    pub(crate) fn public_books(&self) -> Result<(Books, Option<Watch>), Failure> {
        let (Some(url), Database::Postgres(primary)) =
            (&self.settings.database_replica_url, &self.database)
        else {
            return Ok((self.books(), None));
        };
        let replica = database::open_replica(url)?;
        let repository =
            ReplicatedBookRepository::new(self.repositories.books.clone(), replica.clone());
        let books = Books::new(Arc::new(repository), self.clock.clone(), self.retries());
        let watch = replica.watch(primary.clone(), self.settings.replica_max_lag);
        Ok((books, Some(Box::pin(watch))))
    }

    pub(crate) fn shelves(&self) -> Shelves {
        Shelves::new(self.repositories.shelves.clone(), self.clock.clone(), self.retries())
    }

    /// Refuses a store that cannot keep covers, rather than let the first upload find out.
    pub(crate) async fn covers(&self) -> Result<Covers, Failure> {
        let place = &self.settings.cover_store;
        let store = match place {
            CoverPlace::Folder(path) => ObjectCoverStore::folder(path),
            CoverPlace::S3 { bucket, prefix } => {
                ObjectCoverStore::s3(bucket, prefix, settings::aws_variables())
            }
        };
        let unusable =
            |error| Failure::because(format_args!("cannot keep covers in {place}"), &error);
        let store = store.map_err(unusable)?;
        store.check().await.map_err(unusable)?;
        let codec = ImageCoverCodec::new()
            .map_err(|error| Failure::because("cannot start to read covers", &error))?;
        let (store, codec) = (Arc::new(store), Arc::new(codec));
        Ok(Covers::new(self.repositories.books.clone(), store, codec, self.clock.clone()))
    }

    pub(crate) fn api_keys(&self) -> ApiKeys {
        let repository = self.repositories.api_keys.clone();
        ApiKeys::new(repository, self.clock.clone(), self.random.clone(), self.retries())
    }

    pub(crate) fn retries(&self) -> Retries {
        Retries::new(self.repositories.answers.clone(), self.clock.clone(), self.random.clone())
    }

    pub(crate) fn transfer(&self) -> Transfer {
        Transfer::new(self.repositories.books.clone(), self.clock.clone())
    }

    pub(crate) fn histories(&self) -> Histories {
        Histories::new(self.repositories.shelves.clone(), self.clock.clone())
    }

    pub(crate) fn accounts(&self, tokens: Arc<JwtAccessTokens>) -> Result<Accounts, Failure> {
        let settings = self.settings;
        let hasher = BcryptPasswordHasher::new(settings.bcrypt_cost, self.random.clone())
            .map_err(|error| Failure::because("cannot hash passwords", &error))?;
        let ports = AccountPorts {
            users: self.repositories.users.clone(),
            sessions: self.repositories.sessions.clone(),
            hasher: Arc::new(hasher),
            tokens,
            clock: self.clock.clone(),
            random: self.random.clone(),
            retries: self.retries(),
        };
        let limits = SessionLimits {
            access_token: delta(settings.access_token_ttl),
            refresh_idle: delta(settings.refresh_token_idle),
            refresh_total: delta(settings.refresh_token_ttl),
            reuse_grace: delta(settings.refresh_reuse_grace),
        };
        Ok(Accounts::new(ports, limits))
    }

    /// To be called within the runtime that serves: Redis is talked to from there.
    pub(crate) fn limits(&self) -> Result<Limits, Failure> {
        let settings = self.settings;
        let memory = MemoryRateLimiter::new(COUNTED_CLIENTS);
        let limiter: Arc<dyn RateLimiter> = match &settings.redis_url {
            None => Arc::new(memory),
            Some(url) => Arc::new(
                RedisRateLimiter::new(url.expose(), memory)
                    .map_err(|error| Failure::because("cannot use Redis", &error))?,
            ),
        };
        let quotas = Quotas {
            login: settings.rate_limit_login,
            register: settings.rate_limit_register,
            password: settings.rate_limit_password,
            write: settings.rate_limit_write,
            read: settings.rate_limit_read,
        };
        Ok(Limits { limiter, clock: self.clock.clone(), quotas })
    }

    /// Signed with the keys of a folder, else with the configured secret, else with the server's own.
    pub(crate) fn access_tokens(&self) -> Result<Arc<JwtAccessTokens>, Failure> {
        let tokens = match (&self.settings.jwt_keys, &self.settings.jwt_secret) {
            (Some(folder), _) => JwtAccessTokens::eddsa(folder),
            (None, Some(secret)) => {
                JwtAccessTokens::hs256(&signing(JwtSecret::new(secret.expose()))?)
            }
            (None, None) if matches!(self.database, Database::Postgres(_)) => {
                return Err(Failure::Usage(
                    "BOOKSHELF_JWT_SECRET or BOOKSHELF_JWT_KEYS must be set: on PostgreSQL \
                     every instance has to sign access tokens alike"
                        .to_owned(),
                ));
            }
            (None, None) => {
                let own = JwtSecret::own(&self.settings.data_dir, self.random.as_ref());
                JwtAccessTokens::hs256(&signing(own)?)
            }
        };
        signing(tokens).map(Arc::new)
    }
}

fn signing<T, E: std::error::Error + 'static>(outcome: Result<T, E>) -> Result<T, Failure> {
    outcome.map_err(|error| Failure::because("cannot sign access tokens", &error))
}

fn make_data_dir(path: &Path) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        Failure::because(format_args!("cannot make the data directory {}", path.display()), &error)
    })
}

/// The settings allow no duration that would not fit.
fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
