use std::sync::Arc;

use bookshelf_domain::accounts::{SessionRepository, UserRepository};
use bookshelf_domain::books::BookRepository;

use crate::fake::Fake;

/// Every repository of one empty store.
pub struct Store {
    pub books: Arc<dyn BookRepository>,
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
}

impl Store {
    pub fn fake() -> Self {
        let fake = Arc::new(Fake::default());
        Self { books: fake.clone(), users: fake.clone(), sessions: fake }
    }
}
