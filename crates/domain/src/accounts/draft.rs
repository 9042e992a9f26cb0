use crate::accounts::{Email, Password, Role, UserName, UserPatch, Username};
use crate::draft::FieldReader;
use crate::{Change, Faults};

/// A registration as a client sent it, unchecked.
#[derive(Clone, Default)]
pub struct RegistrationDraft {
    pub email: Change<String>,
    pub password: Change<String>,
    pub username: Change<String>,
    pub name: Change<String>,
    /// Only an admin who creates an account may send it.
    pub role: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

/// A registration, checked.
#[derive(Debug, Clone)]
pub struct Registration {
    pub email: Email,
    pub password: Password,
    pub username: Option<Username>,
    pub name: Option<UserName>,
    pub role: Option<Role>,
}

impl RegistrationDraft {
    pub fn into_registration(self) -> Result<Registration, Faults> {
        let mut read = FieldReader::new(self.faults);
        let email = read.required("email", self.email, |text| Email::parse(text));
        let password =
            read.required("password", self.password, |text| Password::parse(text, email.as_ref()));
        let username = read.optional("username", self.username, |text| Username::parse(text));
        let name = read.optional("name", self.name, |text| UserName::parse(text));
        let role = read.optional("role", self.role, |text| text.parse());
        read.finish(|| {
            Some(Registration {
                email: email?,
                password: password?,
                username: username.into_value(),
                name: name.into_value(),
                role: role.into_value(),
            })
        })
    }
}

/// An email and a password as a client sent them.
///
/// Both are required and are not checked further. An invalid address gets the same answer as an
/// address without an account.
#[derive(Clone, Default)]
pub struct CredentialsDraft {
    pub email: Change<String>,
    pub password: Change<String>,
    pub faults: Faults,
}

/// The email and the password of a login, unchecked. Either may be any text.
#[derive(Clone)]
pub struct Credentials {
    pub email: String,
    pub password: String,
}

impl CredentialsDraft {
    pub fn into_credentials(self) -> Result<Credentials, Faults> {
        let mut read = FieldReader::new(self.faults);
        let email = read.required("email", self.email, |text| Ok(text.clone()));
        let password = read.required("password", self.password, |text| Ok(text.clone()));
        read.finish(|| Some(Credentials { email: email?, password: password? }))
    }
}

/// The password of an account, sent once more to confirm an action that cannot be undone.
#[derive(Clone, Default)]
pub struct PasswordDraft {
    pub password: Change<String>,
    pub faults: Faults,
}

impl PasswordDraft {
    pub fn into_password(self) -> Result<String, Faults> {
        let mut read = FieldReader::new(self.faults);
        let password = read.required("password", self.password, |text| Ok(text.clone()));
        read.finish(|| password)
    }
}

/// A change of the password as a client sent it, unchecked.
#[derive(Clone, Default)]
pub struct PasswordChangeDraft {
    pub current_password: Change<String>,
    pub new_password: Change<String>,
    pub faults: Faults,
}

/// A change of the password, checked. It has no `Debug` form, which would show a password.
#[derive(Clone)]
pub struct PasswordChange {
    pub current_password: String,
    pub new_password: Password,
}

impl PasswordChangeDraft {
    /// `email` is the account's email. It must not be the new password.
    pub fn into_change(self, email: &Email) -> Result<PasswordChange, Faults> {
        let mut read = FieldReader::new(self.faults);
        let current_password =
            read.required("current_password", self.current_password, |text| Ok(text.clone()));
        let new_password = read
            .required("new_password", self.new_password, |text| Password::parse(text, Some(email)));
        read.finish(|| {
            Some(PasswordChange {
                current_password: current_password?,
                new_password: new_password?,
            })
        })
    }
}

/// A change of a user's profile as a client sent it, unchecked.
#[derive(Debug, Clone, Default)]
pub struct ProfileDraft {
    pub username: Change<String>,
    pub name: Change<String>,
    /// Only an admin may send it.
    pub role: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

impl ProfileDraft {
    pub fn into_patch(self) -> Result<UserPatch, Faults> {
        let mut read = FieldReader::new(self.faults);
        let username = read.optional("username", self.username, |text| Username::parse(text));
        let name = read.optional("name", self.name, |text| UserName::parse(text));
        let role = read.not_cleared("role", self.role, |text| text.parse());
        read.finish(|| Some(UserPatch { username, name, role }))
    }
}
