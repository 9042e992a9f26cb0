use std::sync::Arc;

use bookshelf_domain::accounts::{AccessTokens, PasswordHasher};
use bookshelf_domain::books::BookReader;
use bookshelf_domain::covers::{CoverCodec, CoverStore};
use bookshelf_domain::{Clock, Random, Repositories};

use crate::AccessRules;
use crate::accounts::{AccountPorts, Accounts, SessionLimits};
use crate::api_keys::ApiKeys;
use crate::books::Books;
use crate::covers::Covers;
use crate::idempotency::IdempotencyKeys;
use crate::invites::Invites;
use crate::shelves::Shelves;
use crate::transfer::Transfer;
use crate::transfer::histories::Histories;

/// Makes the use cases from the ports that they need.
///
/// It makes each use case on request, because a command such as an export has neither a cover store nor
/// keys for tokens.
pub struct UseCases {
    repositories: Repositories,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    rules: AccessRules,
}

impl UseCases {
    pub fn new(
        repositories: Repositories,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        rules: AccessRules,
    ) -> Self {
        Self { repositories, clock, random, rules }
    }

    pub fn books(&self) -> Books {
        self.books_read_from(self.repositories.book_reader.clone())
    }

    /// The use cases of the catalogue with another reader, such as one that asks a replica.
    pub fn books_read_from(&self, reader: Arc<dyn BookReader>) -> Books {
        Books::new(reader, self.repositories.books.clone(), self.clock.clone())
    }

    pub fn covers(&self, store: Arc<dyn CoverStore>, codec: Arc<dyn CoverCodec>) -> Covers {
        let Repositories { book_reader, books, .. } = &self.repositories;
        Covers::new(book_reader.clone(), books.clone(), store, codec, self.clock.clone())
    }

    pub fn accounts(
        &self,
        hasher: Arc<dyn PasswordHasher>,
        tokens: Arc<dyn AccessTokens>,
        limits: SessionLimits,
    ) -> Accounts {
        let ports = AccountPorts {
            users: self.repositories.users.clone(),
            sessions: self.repositories.sessions.clone(),
            invites: self.repositories.invites.clone(),
            hasher,
            tokens,
            clock: self.clock.clone(),
            random: self.random.clone(),
        };
        Accounts::new(ports, limits, self.rules)
    }

    pub fn api_keys(&self) -> ApiKeys {
        let repository = self.repositories.api_keys.clone();
        ApiKeys::new(repository, self.clock.clone(), self.random.clone(), self.rules)
    }

    pub fn invites(&self) -> Invites {
        let repository = self.repositories.invites.clone();
        Invites::new(repository, self.clock.clone(), self.random.clone())
    }

    pub fn shelves(&self) -> Shelves {
        Shelves::new(self.repositories.shelves.clone(), self.clock.clone())
    }

    pub fn transfer(&self) -> Transfer {
        Transfer::new(self.repositories.books.clone(), self.clock.clone())
    }

    pub fn histories(&self) -> Histories {
        Histories::new(self.repositories.shelves.clone(), self.clock.clone())
    }

    pub fn idempotency_keys(&self) -> IdempotencyKeys {
        IdempotencyKeys::new(self.repositories.idempotency.clone(), self.clock.clone())
    }
}
