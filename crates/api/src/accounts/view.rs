use bookshelf_application::accounts::TokenPair;
use bookshelf_domain::accounts::{Session, SessionId, User};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{EntityTag, TagForm};
use crate::paths;
use crate::time::Moment;

/// A user.
#[derive(Serialize, ToSchema)]
#[schema(as = User, example = json!({
    "id": 3, "email": "ann@example.com", "username": "ann", "name": "Ann", "role": "user",
    "created_at": "2026-11-21T06:11:08.123456Z", "links": {"self": "/api/v1/auth/me"}
}))]
pub(crate) struct UserView<'a> {
    #[schema(minimum = 1)]
    id: i64,
    email: &'a str,
    #[schema(required = true)]
    username: Option<&'a str>,
    #[schema(required = true)]
    name: Option<&'a str>,
    /// `user` or `admin`.
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    links: UserLinks,
}

#[derive(Serialize, ToSchema)]
struct UserLinks {
    #[serde(rename = "self")]
    self_: String,
}

impl<'a> From<&'a User> for UserView<'a> {
    /// Links to the address at which users see their own account.
    fn from(user: &'a User) -> Self {
        Self::at(user, paths::ME.to_owned())
    }
}

impl<'a> UserView<'a> {
    pub(crate) fn at(user: &'a User, address: String) -> Self {
        Self {
            id: user.id.get(),
            email: user.email.as_str(),
            username: user.username.as_ref().map(|username| username.as_str()),
            name: user.name.as_ref().map(|name| name.as_str()),
            role: user.role.as_str(),
            created_at: Moment(user.created_at),
            links: UserLinks { self_: address },
        }
    }
}

/// The tags of users. The version of the view grows with every change of the JSON of a [`UserView`],
/// which a test notices.
pub(crate) const TAGS: TagForm<1> = TagForm { view: 1 };

pub(crate) fn tag(user: &User) -> EntityTag {
    TAGS.tag([user.version.get()])
}

/// The tokens of a session (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(super) struct TokensView<'a> {
    /// For `Authorization: Bearer …`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIzIn0.c2lnbmF0dXJl")]
    access_token: &'a str,
    /// Can be used once.
    #[schema(example = "bkr_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    refresh_token: &'a str,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The lifetime of the access token in seconds.
    #[schema(example = 900)]
    expires_in: i64,
    user: UserView<'a>,
}

impl<'a> From<&'a TokenPair> for TokensView<'a> {
    fn from(pair: &'a TokenPair) -> Self {
        Self {
            access_token: &pair.access_token,
            refresh_token: &pair.refresh_token,
            token_type: "Bearer",
            expires_in: pair.expires_in.num_seconds(),
            user: (&pair.user).into(),
        }
    }
}

/// A session that has not ended.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionView<'a> {
    #[schema(minimum = 1)]
    id: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Moment,
    /// When the session ends if it is not used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Moment,
    #[schema(required = true, example = "curl/8.14.1")]
    user_agent: Option<&'a str>,
    #[schema(required = true, example = "192.0.2.7")]
    address: Option<&'a str>,
    /// Whether this session made the request.
    current: bool,
    links: SessionLinks,
}

#[derive(Serialize, ToSchema)]
struct SessionLinks {
    #[serde(rename = "self")]
    self_: String,
}

impl<'a> SessionView<'a> {
    pub(super) fn new(session: &'a Session, current: SessionId) -> Self {
        Self {
            id: session.id.get(),
            created_at: Moment(session.created_at),
            last_used_at: Moment(session.last_used_at),
            expires_at: Moment(session.idle_until.min(session.expires_at)),
            user_agent: session.user_agent.as_deref(),
            address: session.address.as_deref(),
            current: session.id == current,
            links: SessionLinks { self_: paths::session(session.id) },
        }
    }
}
