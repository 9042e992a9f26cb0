use bookshelf_domain::accounts::{
    CredentialsDraft, PasswordChangeDraft, PasswordDraft, ProfileDraft, RegistrationDraft,
};
use bookshelf_domain::{Change, Fault, FaultCode, Faults};
use utoipa::ToSchema;

use crate::http::{Fields, FromFields};

impl FromFields for RegistrationDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            email: fields.text("email"),
            password: fields.text("password"),
            username: fields.text("username"),
            name: fields.text("name"),
            role: Change::Keep,
            faults: fields.finish(),
        }
    }
}

impl FromFields for CredentialsDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            email: fields.text("email"),
            password: fields.text("password"),
            faults: fields.finish(),
        }
    }
}

impl FromFields for PasswordDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { password: fields.text("password"), faults: fields.finish() }
    }
}

impl FromFields for PasswordChangeDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            current_password: fields.text("current_password"),
            new_password: fields.text("new_password"),
            faults: fields.finish(),
        }
    }
}

impl FromFields for ProfileDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            username: fields.text("username"),
            name: fields.text("name"),
            role: Change::Keep,
            faults: fields.finish(),
        }
    }
}

/// A refresh token as it stands in a body.
pub(crate) struct RefreshDraft {
    token: Change<String>,
    faults: Faults,
}

impl FromFields for RefreshDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { token: fields.text("refresh_token"), faults: fields.finish() }
    }
}

impl RefreshDraft {
    pub(super) fn into_token(self) -> Result<String, Faults> {
        let mut faults = self.faults;
        let token = self.token.into_value();
        if token.is_none() {
            faults.extend_new_fields(
                Fault::new(FaultCode::Required, "is required").of("refresh_token"),
            );
        }
        faults.into_result()?;
        Ok(token.unwrap_or_default())
    }
}

#[derive(ToSchema)]
#[schema(as = Registration, example = json!({
    "email": "ann@example.com", "password": "correct horse battery", "username": "ann"
}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct RegistrationInput {
    #[schema(max_length = 254, format = "email", example = "ann@example.com")]
    email: String,
    /// Taken as it is; not the email itself.
    #[schema(min_length = 8, max_length = 128, format = Password)]
    password: String,
    #[schema(pattern = "^\\s*[A-Za-z0-9._-]{3,32}\\s*$")]
    username: Option<String>,
    /// One line, trimmed.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
}

#[derive(ToSchema)]
#[schema(as = Credentials, example = json!({
    "email": "ann@example.com", "password": "correct horse battery"
}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct CredentialsInput {
    email: String,
    #[schema(format = Password)]
    password: String,
}

#[derive(ToSchema)]
#[schema(as = RefreshToken, example = json!({
    "refresh_token": "bkr_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct RefreshInput {
    refresh_token: String,
}

#[derive(ToSchema)]
#[schema(as = Profile, example = json!({"name": "Ann"}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct ProfileInput {
    #[schema(pattern = "^\\s*[A-Za-z0-9._-]{3,32}\\s*$")]
    username: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
}

#[derive(ToSchema)]
#[schema(as = PasswordChange, example = json!({
    "current_password": "correct horse battery", "new_password": "staple battery horse"
}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct PasswordChangeInput {
    #[schema(format = Password)]
    current_password: String,
    #[schema(min_length = 8, max_length = 128, format = Password)]
    new_password: String,
}

#[derive(ToSchema)]
#[schema(as = Password, example = json!({
    "password": "correct horse battery"
}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct PasswordInput {
    #[schema(format = Password)]
    password: String,
}
