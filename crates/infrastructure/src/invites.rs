//! The rows of the table of invitations.

use bookshelf_domain::StoreError;
use bookshelf_domain::accounts::{Email, UserId};
use bookshelf_domain::invites::{Invite, InviteId, NewInvite};
use diesel::prelude::*;

use crate::accounts::rows::timestamp;
use crate::schema::invites;

#[derive(Queryable, Selectable)]
#[diesel(table_name = invites)]
pub(crate) struct InviteRow {
    id: i64,
    email: Option<String>,
    role: String,
    created_by: i64,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    used_by: Option<i64>,
}

impl TryFrom<InviteRow> for Invite {
    type Error = StoreError;

    fn try_from(row: InviteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: InviteId::new(row.id),
            email: row.email.map(Email::stored),
            // The role decides what the new account may do, so it is checked again.
            role: row.role.parse().map_err(StoreError::unexpected)?,
            created_by: UserId::new(row.created_by),
            created_at: timestamp(row.created_at)?,
            expires_at: timestamp(row.expires_at)?,
            used_at: row.used_at.map(timestamp).transpose()?,
            used_by: row.used_by.map(UserId::new),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = invites)]
pub(crate) struct NewInviteRow {
    digest: Vec<u8>,
    email: Option<String>,
    role: &'static str,
    created_by: i64,
    created_at: i64,
    expires_at: i64,
}

impl From<&NewInvite> for NewInviteRow {
    fn from(invite: &NewInvite) -> Self {
        Self {
            digest: invite.digest.to_vec(),
            email: invite.email.as_ref().map(|email| email.as_str().to_owned()),
            role: invite.role.as_str(),
            created_by: invite.created_by.get(),
            created_at: invite.at.timestamp_micros(),
            expires_at: invite.expires_at.timestamp_micros(),
        }
    }
}
