mod sessions;
mod users;

use bookshelf_domain::accounts::{
    Email, NewSession, NewUser, PasswordHash, Role, Rotated, Rotation, RotationError, Session,
    SessionRepository, User, UserError, UserPatch, UserRepository, UserUpdate,
};
use bookshelf_domain::{Clock, Expected, Timestamp};
use chrono::TimeDelta;
use tempfile::TempDir;

use super::{SqliteSessionRepository, SqliteUserRepository};
use crate::sqlite::{Sqlite, SqliteConfig};
use crate::system::SystemClock;

struct Store {
    users: SqliteUserRepository,
    sessions: SqliteSessionRepository,
    now: Timestamp,
    _folder: TempDir,
}

impl Store {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(SqliteConfig::new(folder.path().join("test.db"))).unwrap();
        sqlite.migrate().unwrap();
        Self {
            users: SqliteUserRepository::new(sqlite.clone()),
            sessions: SqliteSessionRepository::new(sqlite),
            now: SystemClock.now(),
            _folder: folder,
        }
    }

    fn new_user(&self, email: &str) -> NewUser {
        NewUser {
            email: Email::parse(email).unwrap(),
            username: None,
            name: None,
            role: Role::User,
            password_hash: PasswordHash::new("a hash"),
            at: self.now,
        }
    }

    async fn user(&self, email: &str) -> User {
        self.users.insert(self.new_user(email)).await.unwrap()
    }

    async fn admin(&self, email: &str) -> User {
        let admin = NewUser { role: Role::Admin, ..self.new_user(email) };
        self.users.insert(admin).await.unwrap()
    }

    async fn patch(&self, id: i64, patch: UserPatch) -> Result<User, UserError> {
        let at = self.now + TimeDelta::seconds(1);
        self.users.update(UserUpdate { id, expected: Expected::Any, patch, at }).await
    }

    async fn session(&self, user: &User, token: u8) -> Session {
        let session = NewSession {
            user_id: user.id,
            refresh: [token; 32],
            user_agent: Some("curl".into()),
            address: None,
            at: self.now,
            idle_until: self.now + TimeDelta::days(14),
            expires_at: self.now + TimeDelta::days(30),
        };
        self.sessions.open(session).await.unwrap().unwrap()
    }

    async fn rotate(
        &self,
        shown: u8,
        successor: u8,
        after: TimeDelta,
    ) -> Result<Rotated, RotationError> {
        let at = self.now + after;
        let rotation = Rotation {
            shown: [shown; 32],
            successor: [successor; 32],
            salt: [successor; 16],
            at,
            idle_until: at + TimeDelta::days(14),
            grace: TimeDelta::seconds(10),
        };
        self.sessions.rotate(rotation).await
    }
}

const SOON: TimeDelta = TimeDelta::seconds(1);
