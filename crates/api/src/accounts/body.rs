use bookshelf_domain::accounts::{
    CredentialsDraft, PasswordChangeDraft, PasswordDraft, ProfileDraft, RegistrationDraft,
};
use bookshelf_domain::{Change, Fault, FaultCode, Faults};
use serde::Deserialize;
use serde_json::json;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::{Member, Read, Variant};

#[derive(Deserialize, ToSchema)]
#[schema(as = Registration, example = json!({
    "email": "ann@example.com", "password": "correct horse battery", "username": "ann"
}))]
pub(crate) struct RegistrationBody {
    #[schema(value_type = String, max_length = 254, format = "email", example = "ann@example.com")]
    email: Member<String>,
    /// Not trimmed. Prepared by the profile OpaqueString of RFC 8265, so composed and decomposed
    /// letters are the same password. Must not be the email address or a commonly used password.
    #[schema(value_type = String, min_length = 8, max_length = 128, format = Password)]
    password: Member<String>,
    #[schema(value_type = Option<String>, pattern = "^\\s*([A-Za-z0-9._-]{3,32})?\\s*$")]
    username: Member<String>,
    /// One line, trimmed.
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Member<String>,
    /// The token of an invitation. The account gets the role of the invitation.
    #[schema(value_type = Option<String>, example = "bki_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    invite: Member<String>,
}

impl From<Read<RegistrationBody>> for RegistrationDraft {
    fn from(Read { members, faults }: Read<RegistrationBody>) -> Self {
        Self {
            email: members.email.0,
            password: members.password.0,
            username: members.username.0,
            name: members.name.0,
            role: Change::Keep,
            invite: members.invite.0,
            faults,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = Credentials, example = json!({
    "email": "ann@example.com", "password": "correct horse battery"
}))]
pub(crate) struct CredentialsBody {
    #[schema(value_type = String)]
    email: Member<String>,
    #[schema(value_type = String, format = Password)]
    password: Member<String>,
}

impl From<Read<CredentialsBody>> for CredentialsDraft {
    fn from(Read { members, faults }: Read<CredentialsBody>) -> Self {
        Self { email: members.email.0, password: members.password.0, faults }
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = RefreshToken, example = json!({
    "refresh_token": "bkr_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}))]
pub(crate) struct RefreshBody {
    #[schema(value_type = String)]
    refresh_token: Member<String>,
}

impl Read<RefreshBody> {
    /// The token, which may be missing if the request has another one.
    pub(super) fn into_token(self, is_required: bool) -> Result<Option<String>, Faults> {
        let mut faults = self.faults;
        let token = self.members.refresh_token.0.into_value();
        if token.is_none() && is_required {
            faults.extend_new_fields(
                Fault::new(FaultCode::Required, "is required").of("refresh_token"),
            );
        }
        faults.into_result()?;
        Ok(token)
    }
}

/// The members of a user that are not written, and may be sent back.
pub(crate) const READ_ONLY: &[&str] = &["id", "created_at", "links"];

#[derive(Deserialize, ToSchema)]
#[schema(as = ProfileMembers)]
pub(crate) struct ProfileBody {
    #[schema(value_type = Option<String>, pattern = "^\\s*([A-Za-z0-9._-]{3,32})?\\s*$")]
    username: Member<String>,
    /// One line, trimmed.
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Member<String>,
    /// Cannot be changed: the present value is accepted, and every other one refused.
    #[schema(value_type = String, example = "ann@example.com")]
    email: Member<String>,
    /// Cannot be changed here: the present value is accepted, and every other one refused.
    #[schema(value_type = String, example = "user")]
    role: Member<String>,
}

/// The schema of a [`ProfileBody`].
pub(crate) enum Profile {}

impl ToSchema for Profile {}

impl PartialSchema for Profile {
    fn schema() -> RefOr<Schema> {
        let patch = Variant {
            description: "A JSON Merge Patch (RFC 7396) of the caller's own account. Read-only \
                members are ignored.",
            example: json!({"name": "Ann"}),
            read_only: READ_ONLY,
        };
        patch.merge_patch::<ProfileBody>()
    }
}

impl From<Read<ProfileBody>> for ProfileDraft {
    fn from(Read { members, faults }: Read<ProfileBody>) -> Self {
        let ProfileBody { username, name, email, role } = members;
        Self { username: username.0, name: name.0, email: email.0, role: role.0, faults }
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordChange, example = json!({
    "current_password": "correct horse battery", "new_password": "staple battery horse"
}))]
pub(crate) struct PasswordChangeBody {
    #[schema(value_type = String, format = Password)]
    current_password: Member<String>,
    /// Not trimmed. Prepared by the profile OpaqueString of RFC 8265, so composed and decomposed
    /// letters are the same password. Must not be the email address or a commonly used password.
    #[schema(value_type = String, min_length = 8, max_length = 128, format = Password)]
    new_password: Member<String>,
}

impl From<Read<PasswordChangeBody>> for PasswordChangeDraft {
    fn from(Read { members, faults }: Read<PasswordChangeBody>) -> Self {
        Self {
            current_password: members.current_password.0,
            new_password: members.new_password.0,
            faults,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = Password, example = json!({
    "password": "correct horse battery"
}))]
pub(crate) struct PasswordBody {
    #[schema(value_type = String, format = Password)]
    password: Member<String>,
}

impl From<Read<PasswordBody>> for PasswordDraft {
    fn from(Read { members, faults }: Read<PasswordBody>) -> Self {
        Self { password: members.password.0, faults }
    }
}
