use bookshelf_domain::accounts::{ProfileDraft, RegistrationDraft};
use utoipa::ToSchema;

use crate::http::{Fields, FromFields};

/// A registration that may name a role.
pub(crate) struct NewUserBody(pub(super) RegistrationDraft);

impl FromFields for NewUserBody {
    fn from_fields(fields: &mut Fields) -> Self {
        Self(RegistrationDraft {
            email: fields.text("email"),
            password: fields.text("password"),
            username: fields.text("username"),
            name: fields.text("name"),
            role: fields.text("role"),
            faults: fields.finish(),
        })
    }
}

/// A profile that may name a role.
pub(crate) struct UserPatchBody(pub(super) ProfileDraft);

impl FromFields for UserPatchBody {
    fn from_fields(fields: &mut Fields) -> Self {
        Self(ProfileDraft {
            username: fields.text("username"),
            name: fields.text("name"),
            role: fields.text("role"),
            faults: fields.finish(),
        })
    }
}

#[derive(ToSchema)]
#[schema(as = NewUser, example = json!({
    "email": "bob@example.com", "password": "correct horse battery", "role": "admin"
}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct NewUserInput {
    #[schema(max_length = 254, format = "email", example = "bob@example.com")]
    email: String,
    /// Taken as it is; not the email itself, and not a commonly used one.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    password: String,
    #[schema(pattern = "^\\s*[A-Za-z0-9._-]{3,32}\\s*$")]
    username: Option<String>,
    /// One line, trimmed.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    #[schema(inline, default = "user")]
    role: Option<RoleName>,
}

#[derive(ToSchema)]
#[schema(as = UserPatch, example = json!({"role": "admin"}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct UserPatchInput {
    #[schema(pattern = "^\\s*[A-Za-z0-9._-]{3,32}\\s*$")]
    username: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// A new role stops the user's access tokens at once.
    #[schema(inline, nullable = false)]
    role: Option<RoleName>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the roles")]
pub(super) enum RoleName {
    User,
    Admin,
}
