//! API keys, users and invitations.

use chrono::{DateTime, Utc};
use futures_util::Stream;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::page::{self, Query};
use crate::{Change, Client, Error, Page, Paging, Tagged};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct User {
    pub id: i64,
    pub email: String,
    pub username: Option<String>,
    pub name: Option<String>,
    pub role: Role,
    pub created_at: DateTime<Utc>,
}

/// What an account may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum Role {
    User,
    Admin,
    /// A role that this version of the client does not know.
    #[serde(untagged)]
    Other(String),
}

/// An API key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct ApiKey {
    pub id: i64,
    pub name: String,
    /// The first characters of the key.
    pub prefix: String,
    pub permissions: Vec<Permission>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// What an API key may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum Permission {
    Read,
    Write,
    Admin,
    /// A permission that this version of the client does not know.
    #[serde(untagged)]
    Other(String),
}

/// A new API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NewApiKey {
    pub name: String,
    pub permissions: Vec<Permission>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// An API key that was just created.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CreatedApiKey {
    /// The key without its secret.
    #[serde(flatten)]
    pub about: ApiKey,
    /// The key itself, which the server shows only once.
    pub key: String,
}

/// An invitation without its token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub struct Invite {
    pub id: i64,
    /// The only address that can be registered with it.
    pub email: Option<String>,
    /// The role of the new account.
    pub role: Role,
    pub created_by: i64,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub used_by: Option<i64>,
}

/// A new invitation. End it with `..NewInvite::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NewInvite {
    pub email: Option<String>,
    pub role: Option<Role>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// An invitation that was just created.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CreatedInvite {
    /// The invitation without its token.
    #[serde(flatten)]
    pub about: Invite,
    /// The token, which the server shows only once.
    pub token: String,
}

/// A new account, made by an admin. End it with `..NewUser::default()`.
#[derive(Clone, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NewUser {
    pub email: String,
    pub password: String,
    pub username: Option<String>,
    pub name: Option<String>,
    pub role: Option<Role>,
}

/// Changes of an account, made by an admin. End it with `..UserPatch::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct UserPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub username: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub name: Change<String>,
}

/// Which accounts, and in which order. End it with `..UserQuery::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UserQuery {
    /// A part of the address, the username or the name.
    pub search: Option<String>,
    /// The role.
    pub role: Option<Role>,
    /// The default is `CreatedAt`, the newest first.
    pub sort: Option<UserSort>,
    /// The place in the list.
    #[serde(flatten)]
    pub paging: Paging,
}

/// What accounts are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum UserSort {
    CreatedAt,
    Email,
}

impl Query for UserQuery {
    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }
}

impl Query for Paging {
    fn paging(&mut self) -> &mut Paging {
        self
    }
}

/// The API keys of the user. Every method fails with the [`Error`] of the server.
#[derive(Debug, Clone, Copy)]
pub struct ApiKeys<'a>(pub(crate) &'a Client);

#[expect(clippy::missing_errors_doc, reason = "the struct says it once")]
impl ApiKeys<'_> {
    /// Lists the keys.
    pub async fn list(&self) -> Result<Vec<ApiKey>, Error> {
        self.0.inner.send(Call::get("/api-keys")).await?.data()
    }

    /// Creates a key.
    pub async fn create(&self, key: &NewApiKey) -> Result<CreatedApiKey, Error> {
        self.0.inner.send(Call::post("/api-keys").json(key)?.once()?).await?.data()
    }

    /// Revokes a key at once.
    pub async fn delete(&self, id: i64) -> Result<(), Error> {
        self.0.inner.send(Call::delete(format!("/api-keys/{id}"))).await.map(drop)
    }
}

/// Invitations, for admins. Every method fails with the [`Error`] of the server.
#[derive(Debug, Clone, Copy)]
pub struct Invites<'a>(pub(crate) &'a Client);

#[expect(clippy::missing_errors_doc, reason = "the struct says it once")]
impl Invites<'_> {
    /// Reads a page.
    pub async fn list(&self, paging: &Paging) -> Result<Page<Invite>, Error> {
        page::page(&self.0.inner, "/invites", paging).await
    }

    /// Reads the list to its end.
    pub fn all(
        &self,
        paging: Paging,
    ) -> impl Stream<Item = Result<Invite, Error>> + Send + 'static {
        page::all(&self.0.inner, "/invites", paging)
    }

    /// Creates an invitation.
    pub async fn create(&self, invite: &NewInvite) -> Result<CreatedInvite, Error> {
        self.0.inner.send(Call::post("/invites").json(invite)?.once()?).await?.data()
    }

    /// Revokes an invitation.
    pub async fn delete(&self, id: i64) -> Result<(), Error> {
        self.0.inner.send(Call::delete(format!("/invites/{id}"))).await.map(drop)
    }
}

/// All accounts, for admins. Every method fails with the [`Error`] of the server.
#[derive(Debug, Clone, Copy)]
pub struct Users<'a>(pub(crate) &'a Client);

#[expect(clippy::missing_errors_doc, reason = "the struct says it once")]
impl Users<'_> {
    /// Reads a page.
    pub async fn list(&self, query: &UserQuery) -> Result<Page<User>, Error> {
        page::page(&self.0.inner, "/users", query).await
    }

    /// Reads a list to its end.
    pub fn all(
        &self,
        query: UserQuery,
    ) -> impl Stream<Item = Result<User, Error>> + Send + 'static {
        page::all(&self.0.inner, "/users", query)
    }

    /// Creates an account.
    pub async fn create(&self, user: &NewUser) -> Result<Tagged<User>, Error> {
        self.0.inner.send(Call::post("/users").json(user)?.once()?).await?.tagged()
    }

    /// Reads an account.
    pub async fn get(&self, id: i64) -> Result<Tagged<User>, Error> {
        self.0.inner.send(Call::get(path(id))).await?.tagged()
    }

    /// Changes an account; with an entity tag, only if it still has it.
    pub async fn patch(
        &self,
        id: i64,
        patch: &UserPatch,
        etag: Option<&str>,
    ) -> Result<Tagged<User>, Error> {
        let call = Call::patch(path(id)).json(patch)?.if_match(etag)?;
        self.0.inner.send(call).await?.tagged()
    }

    /// Deletes an account with its shelf, keys and sessions.
    pub async fn delete(&self, id: i64, etag: Option<&str>) -> Result<(), Error> {
        self.0.inner.send(Call::delete(path(id)).if_match(etag)?).await.map(drop)
    }
}

fn path(id: i64) -> String {
    format!("/users/{id}")
}
