use bookshelf_domain::Change;
use bookshelf_domain::accounts::{ProfileDraft, RegistrationDraft, Role};
use serde::Deserialize;
use serde_json::json;
use utoipa::openapi::{Object, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::accounts::READ_ONLY;
use crate::http::{Choice, Chosen, Member, Read, Variant};

/// A new account, whose role can be set.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewUser, example = json!({
    "email": "bob@example.com", "password": "correct horse battery", "role": "admin"
}))]
pub(crate) struct NewUserBody {
    #[schema(value_type = String, max_length = 254, format = "email", example = "bob@example.com")]
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
            invite: Change::Keep,
            faults,
        }
    }
}

/// A change of an account, whose role can be set.
#[derive(Deserialize, ToSchema)]
#[schema(as = UserMembers)]
pub(crate) struct UserPatchBody {
    #[schema(value_type = Option<String>, pattern = "^\\s*([A-Za-z0-9._-]{3,32})?\\s*$")]
    username: Member<String>,
    /// One line, trimmed.
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Member<String>,
    /// Cannot be changed: the present value is accepted, and every other one refused.
    #[schema(value_type = String, example = "ann@example.com")]
    email: Member<String>,
    #[schema(schema_with = new_role, required = false)]
    role: Member<String>,
}

/// The schema of a [`UserPatchBody`].
pub(crate) enum UserPatch {}

impl ToSchema for UserPatch {}

impl PartialSchema for UserPatch {
    fn schema() -> RefOr<Schema> {
        let patch = Variant {
            description: "A JSON Merge Patch (RFC 7396) of an account, whose role can be set. \
                Read-only members are ignored.",
            example: json!({"role": "admin"}),
            read_only: READ_ONLY,
        };
        patch.merge_patch::<UserPatchBody>()
    }
}

impl From<Read<UserPatchBody>> for ProfileDraft {
    fn from(Read { members, faults }: Read<UserPatchBody>) -> Self {
        let UserPatchBody { username, name, email, role } = members;
        Self { username: username.0, name: name.0, email: email.0, role: role.0, faults }
    }
}

fn new_role() -> Object {
    let description = "A new role invalidates the user's access tokens at once.";
    RoleName::names().description(Some(description)).build()
}

pub(crate) type RoleName = Chosen<Role>;

impl Choice for Role {
    const CHOICES: &'static [(&'static str, Self)] =
        &[(Self::User.as_str(), Self::User), (Self::Admin.as_str(), Self::Admin)];
}
