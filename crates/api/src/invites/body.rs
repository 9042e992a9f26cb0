use bookshelf_domain::invites::InviteDraft;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::{Member, Read};
use crate::users::RoleName;

#[derive(Deserialize, ToSchema)]
#[schema(as = NewInvite, example = json!({
    "email": "bob@example.com", "role": "user", "expires_at": "2036-01-31T00:00:00Z"
}))]
pub(crate) struct InviteBody {
    /// Only an account with this address can be registered with the invitation. Without it, any
    /// address can.
    #[schema(value_type = Option<String>, max_length = 254, format = "email", example = "bob@example.com")]
    email: Member<String>,
    /// The role of the new account.
    #[schema(value_type = Option<RoleName>, inline, default = "user")]
    role: Member<String>,
    /// A time in the future (RFC 3339). The default is seven days from now.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Member<String>,
}

impl From<Read<InviteBody>> for InviteDraft {
    fn from(Read { members, faults }: Read<InviteBody>) -> Self {
        Self {
            email: members.email.0,
            role: members.role.0,
            expires_at: members.expires_at.0,
            faults,
        }
    }
}
