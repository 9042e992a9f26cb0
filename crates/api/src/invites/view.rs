use bookshelf_domain::invites::{CreatedInvite, Invite};
use serde::Serialize;
use utoipa::ToSchema;

use crate::paths;
use crate::time::Moment;

/// An invitation without its token.
#[derive(Serialize, ToSchema)]
#[schema(as = Invite, example = json!({
    "id": 5, "email": "bob@example.com", "role": "user", "created_by": 1,
    "created_at": "2026-11-21T06:11:08.123456Z", "expires_at": "2026-11-28T06:11:08.123456Z",
    "used_at": null, "used_by": null, "links": {"self": "/api/v1/invites/5"}
}))]
pub(super) struct InviteView<'a> {
    #[schema(minimum = 1)]
    id: i64,
    /// Only an account with this address can be registered. `null` for any address.
    #[schema(required = true)]
    email: Option<&'a str>,
    /// The role of the new account: `user` or `admin`.
    role: &'static str,
    /// The id of the admin who created it.
    #[schema(minimum = 1)]
    created_by: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    used_at: Option<Moment>,
    /// The id of the account that was registered with it. `null` also if that account was deleted.
    #[schema(required = true, minimum = 1)]
    used_by: Option<i64>,
    links: InviteLinks,
}

#[derive(Serialize, ToSchema)]
struct InviteLinks {
    /// For `DELETE`.
    #[serde(rename = "self")]
    self_: String,
}

impl<'a> From<&'a Invite> for InviteView<'a> {
    fn from(invite: &'a Invite) -> Self {
        Self {
            id: invite.id.get(),
            email: invite.email.as_ref().map(|email| email.as_str()),
            role: invite.role.as_str(),
            created_by: invite.created_by.get(),
            created_at: Moment(invite.created_at),
            expires_at: Moment(invite.expires_at),
            used_at: invite.used_at.map(Moment),
            used_by: invite.used_by.map(|user| user.get()),
            links: InviteLinks { self_: paths::invite(invite.id) },
        }
    }
}

/// A new invitation with its token, which is shown only once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedInvite)]
pub(super) struct CreatedInviteView<'a> {
    /// For the member `invite` of a registration.
    #[schema(example = "bki_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    token: &'a str,
    #[serde(flatten)]
    shown: InviteView<'a>,
}

impl<'a> From<&'a CreatedInvite> for CreatedInviteView<'a> {
    fn from(created: &'a CreatedInvite) -> Self {
        Self { token: &created.token, shown: (&created.invite).into() }
    }
}
