//! Shortcuts that create books and users, for tests that are not about idempotency keys.

use async_trait::async_trait;
use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{NewUser, User, UserError, UserRepository};
use bookshelf_domain::books::{Book, BookError, BookFields, BookRepository, NewBook};

#[async_trait]
pub trait AddBook {
    async fn add(&self, fields: BookFields, at: Timestamp) -> Result<Book, BookError>;
}

#[async_trait]
impl AddBook for dyn BookRepository {
    async fn add(&self, fields: BookFields, at: Timestamp) -> Result<Book, BookError> {
        let made = self.insert(NewBook { fields, at, idempotency_key: None }).await?;
        Ok(made.into_inner())
    }
}

#[async_trait]
pub trait AddUser {
    async fn add(&self, user: NewUser) -> Result<User, UserError>;
}

#[async_trait]
impl AddUser for dyn UserRepository {
    async fn add(&self, user: NewUser) -> Result<User, UserError> {
        Ok(self.insert(user).await?.into_inner())
    }
}
