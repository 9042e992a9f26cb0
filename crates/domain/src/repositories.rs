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
    pub book_reader: Arc<dyn BookReader>,
    pub books: Arc<dyn BookRepository>,
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub api_keys: Arc<dyn ApiKeyRepository>,
    pub invites: Arc<dyn InviteRepository>,
    pub shelves: Arc<dyn ShelfRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
}
