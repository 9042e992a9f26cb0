//! The paths of resources, as links contain them.

use bookshelf_domain::accounts::{SessionId, UserId};
use bookshelf_domain::api_keys::ApiKeyId;
use bookshelf_domain::books::BookId;
use bookshelf_domain::invites::InviteId;
use bookshelf_domain::shelves::ShelfEntryId;

pub(crate) const ENTRY_POINT: &str = "/api/v1";
pub(crate) const OPENAPI: &str = "/api/v1/openapi.json";
pub(crate) const DOCUMENTATION: &str = "/apidocs/";
pub(crate) const BOOKS: &str = "/api/v1/books";
pub(crate) const SESSIONS: &str = "/api/v1/auth/sessions";
pub(crate) const API_KEYS: &str = "/api/v1/api-keys";
pub(crate) const INVITES: &str = "/api/v1/invites";
pub(crate) const USERS: &str = "/api/v1/users";
pub(crate) const SHELF: &str = "/api/v1/shelf";
pub(crate) const SHELF_STATS: &str = "/api/v1/shelf/stats";
pub(crate) const ME: &str = "/api/v1/auth/me";

pub(crate) fn book(id: BookId) -> String {
    format!("{BOOKS}/{id}")
}

pub(crate) fn cover(id: BookId) -> String {
    format!("{BOOKS}/{id}/cover")
}

pub(crate) fn api_key(id: ApiKeyId) -> String {
    format!("{API_KEYS}/{id}")
}

pub(crate) fn invite(id: InviteId) -> String {
    format!("{INVITES}/{id}")
}

pub(crate) fn user(id: UserId) -> String {
    format!("{USERS}/{id}")
}

pub(crate) fn shelf_entry(id: ShelfEntryId) -> String {
    format!("{SHELF}/{id}")
}

pub(crate) fn session(id: SessionId) -> String {
    format!("{SESSIONS}/{id}")
}
