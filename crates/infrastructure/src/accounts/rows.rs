//! The rows of the tables of accounts and sessions.

use bookshelf_domain::accounts::{
    Email, NewSession, NewUser, PasswordHash, Session, SessionId, SessionUser, StoredCredentials,
    User, UserId, UserName, Username,
};
use bookshelf_domain::{Folded, StoreError, Timestamp, Version};
use chrono::DateTime;
use diesel::prelude::*;

use crate::schema::{refresh_tokens, sessions, users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
    id: i64,
    email: String,
    username: Option<String>,
    name: Option<String>,
    role: String,
    access_epoch: i64,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId::new(row.id),
            email: Email::stored(row.email),
            username: row.username.map(Username::stored),
            name: row.name.map(UserName::stored),
            // A role decides what its user may do, so it is checked again.
            role: row.role.parse().map_err(StoreError::unexpected)?,
            access_epoch: row.access_epoch,
            version: Version::new(row.version),
            created_at: timestamp(row.created_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct CredentialsRow {
    #[diesel(embed)]
    user: UserRow,
    password_hash: String,
}

impl TryFrom<CredentialsRow> for StoredCredentials {
    type Error = StoreError;

    fn try_from(row: CredentialsRow) -> Result<Self, StoreError> {
        Ok(Self { user: row.user.try_into()?, password_hash: PasswordHash::new(row.password_hash) })
    }
}

#[derive(Insertable)]
#[diesel(table_name = users)]
pub(crate) struct NewUserRow {
    email: String,
    pub(crate) email_folded: String,
    username: Option<String>,
    pub(crate) username_folded: Option<String>,
    name: Option<String>,
    name_folded: Option<String>,
    role: &'static str,
    password_hash: String,
    created_at: i64,
    updated_at: i64,
}

impl From<NewUser> for NewUserRow {
    fn from(user: NewUser) -> Self {
        let at = user.at.timestamp_micros();
        Self {
            email: user.email.as_str().to_owned(),
            email_folded: user.email.folded().into_string(),
            username: user.username.as_ref().map(|name| name.as_str().to_owned()),
            username_folded: user.username.map(|name| name.folded().into_string()),
            name: user.name.as_ref().map(|name| name.as_str().to_owned()),
            name_folded: user.name.as_ref().map(folded),
            role: user.role.as_str(),
            password_hash: user.password_hash.expose().to_owned(),
            created_at: at,
            updated_at: at,
        }
    }
}

/// The columns of a user that an update may change.
#[derive(AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub(crate) struct UserChangeset {
    username: Option<String>,
    pub(crate) username_folded: Option<String>,
    name: Option<String>,
    name_folded: Option<String>,
    role: &'static str,
    access_epoch: i64,
    version: i64,
    updated_at: i64,
}

impl From<&User> for UserChangeset {
    fn from(user: &User) -> Self {
        Self {
            username: user.username.as_ref().map(|name| name.as_str().to_owned()),
            username_folded: user.username.as_ref().map(|name| name.folded().into_string()),
            name: user.name.as_ref().map(|name| name.as_str().to_owned()),
            name_folded: user.name.as_ref().map(folded),
            role: user.role.as_str(),
            access_epoch: user.access_epoch,
            version: user.version.get(),
            updated_at: user.updated_at.timestamp_micros(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionRow {
    id: i64,
    user_id: i64,
    user_agent: Option<String>,
    address: Option<String>,
    created_at: i64,
    last_used_at: i64,
    idle_until: i64,
    expires_at: i64,
    ended_at: Option<i64>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: SessionId::new(row.id),
            user_id: UserId::new(row.user_id),
            user_agent: row.user_agent,
            address: row.address,
            created_at: timestamp(row.created_at)?,
            last_used_at: timestamp(row.last_used_at)?,
            idle_until: timestamp(row.idle_until)?,
            expires_at: timestamp(row.expires_at)?,
            ended_at: row.ended_at.map(timestamp).transpose()?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionUserRow {
    #[diesel(embed)]
    session: SessionRow,
    #[diesel(embed)]
    user: UserRow,
}

impl TryFrom<SessionUserRow> for SessionUser {
    type Error = StoreError;

    fn try_from(row: SessionUserRow) -> Result<Self, StoreError> {
        Ok(Self { session: row.session.try_into()?, user: row.user.try_into()? })
    }
}

#[derive(Insertable)]
#[diesel(table_name = sessions)]
pub(crate) struct NewSessionRow {
    user_id: i64,
    user_agent: Option<String>,
    address: Option<String>,
    created_at: i64,
    last_used_at: i64,
    idle_until: i64,
    expires_at: i64,
}

impl From<&NewSession> for NewSessionRow {
    fn from(session: &NewSession) -> Self {
        let at = session.at.timestamp_micros();
        Self {
            user_id: session.user_id.get(),
            user_agent: session.user_agent.clone(),
            address: session.address.clone(),
            created_at: at,
            last_used_at: at,
            idle_until: session.idle_until.timestamp_micros(),
            expires_at: session.expires_at.timestamp_micros(),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = refresh_tokens)]
pub(crate) struct NewRefreshTokenRow<'a> {
    pub(crate) digest: &'a [u8],
    pub(crate) session_id: i64,
    pub(crate) generation: i64,
    pub(crate) created_at: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub(crate) struct RefreshTokenRow {
    pub(crate) generation: i64,
    pub(crate) spent_at: Option<i64>,
    pub(crate) salt: Option<Vec<u8>>,
}

/// [`Session::is_live`] in SQL.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn is_live(now: Timestamp) -> _ {
    let now: i64 = now.timestamp_micros();
    sessions::ended_at.is_null().and(sessions::idle_until.gt(now)).and(sessions::expires_at.gt(now))
}

fn folded(name: &UserName) -> String {
    Folded::new(name.as_str()).into_string()
}

pub(crate) fn timestamp(micros: i64) -> Result<Timestamp, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::unexpected(format!("{micros} is not a time in microseconds")))
}
