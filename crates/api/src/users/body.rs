use bookshelf_domain::accounts::{ProfileDraft, RegistrationDraft, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

use crate::http::{Choice, Chosen, Member, Read};

/// A new account, whose role can be set.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewUser, example = json!({
    "email": "bob@example.com", "password": "correct horse battery", "role": "admin"
}))]
pub(crate) struct NewUserBody {
    #[schema(value_type = String, max_length = 254, format = "email", example = "bob@example.com")]
    email: Member<String>,
    /// Not trimmed. Must not be the email address or a commonly used password.
    #[schema(value_type = String, min_length = 8, max_length = 128, format = Password)]
    password: Member<String>,
    #[schema(value_type = Option<String>, pattern = "^\\s*[A-Za-z0-9._-]{3,32}\\s*$")]
    username: Member<String>,
    /// One line, trimmed.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Member<String>,
    #[schema(value_type = Option<RoleName>, inline, default = "user")]
    role: Member<String>,
}

impl From<Read<NewUserBody>> for RegistrationDraft {
    fn from(Read { members, faults }: Read<NewUserBody>) -> Self {
        Self {
            email: members.email.0,
            password: members.password.0,
            username: members.username.0,
            name: members.name.0,
            role: members.role.0,
            faults,
        }
    }
}

/// A change of an account, whose role can be set.
#[derive(Deserialize, ToSchema)]
#[schema(as = UserPatch, example = json!({"role": "admin"}))]
pub(crate) struct UserPatchBody {
    #[schema(value_type = Option<String>, pattern = "^\\s*[A-Za-z0-9._-]{3,32}\\s*$")]
    username: Member<String>,
    /// One line, trimmed.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Member<String>,
    #[schema(schema_with = new_role, required = false)]
    role: Member<String>,
}

impl From<Read<UserPatchBody>> for ProfileDraft {
    fn from(Read { members, faults }: Read<UserPatchBody>) -> Self {
        Self { username: members.username.0, name: members.name.0, role: members.role.0, faults }
    }
}

fn new_role() -> Object {
    let description = "A new role invalidates the user's access tokens at once.";
    RoleName::names().description(Some(description)).build()
}

pub(super) type RoleName = Chosen<Role>;

impl Choice for Role {
    const CHOICES: &'static [(&'static str, Self)] =
        &[(Self::User.as_str(), Self::User), (Self::Admin.as_str(), Self::Admin)];
}
