use std::sync::Arc;

use crate::IdempotencyRepository;
use crate::accounts::{SessionRepository, UserRepository};
use crate::api_keys::ApiKeyRepository;
use crate::books::{BookReader, BookRepository};
use crate::invites::InviteRepository;
use crate::shelves::ShelfRepository;

/// The repositories of one database.
#[derive(Clone)]
pub struct Repositories {
    /// Reads the catalogue.
    pub book_reader: Arc<dyn BookReader>,
    /// Writes the catalogue.
    pub books: Arc<dyn BookRepository>,
    /// Users and the hashes of their passwords.
    pub users: Arc<dyn UserRepository>,
    /// Sessions and their refresh tokens.
    pub sessions: Arc<dyn SessionRepository>,
    /// API keys.
    pub api_keys: Arc<dyn ApiKeyRepository>,
    /// Invitations.
    pub invites: Arc<dyn InviteRepository>,
    /// Shelves.
    pub shelves: Arc<dyn ShelfRepository>,
    /// The keys of requests that may be retried.
    pub idempotency: Arc<dyn IdempotencyRepository>,
}
