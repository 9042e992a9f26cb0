use std::mem;

use crate::accounts::{Email, Password, Role, User, UserName, UserPatch, Username};
use crate::draft::FieldReader;
use crate::{Change, Faults};

/// A registration as a client sent it, unchecked.
#[derive(Clone, Default)]
pub struct RegistrationDraft {
    /// The email address, unchecked.
    pub email: Change<String>,
    /// The password, unchecked.
    pub password: Change<String>,
    /// The name under which others see the user, unchecked.
    pub username: Change<String>,
    /// The name of the person, unchecked.
    pub name: Change<String>,
    /// Only an admin who creates an account may send it.
    pub role: Change<String>,
    /// The token of an invitation. It is not a part of the account.
    pub invite: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

/// A registration, checked.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The email address.
    pub email: Email,
    /// The password, which is long enough and not a common one.
    pub password: Password,
    /// The name under which others see the user.
    pub username: Option<Username>,
    /// The name of the person.
    pub name: Option<UserName>,
    /// The role, if an admin gave one.
    pub role: Option<Role>,
}

impl RegistrationDraft {
    /// Checks every field, and returns all faults at once.
    pub fn into_registration(self) -> Result<Registration, Faults> {
        let mut read = FieldReader::new(self.faults);
        let email = read.required("email", self.email, |text| Email::parse(text));
        let password =
            read.required("password", self.password, |text| Password::parse(text, email.as_ref()));
        let username = read.optional_text("username", self.username, Username::parse);
        let name = read.optional_text("name", self.name, UserName::parse);
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
    /// The email address, unchecked.
    pub email: Change<String>,
    /// The password, unchecked.
    pub password: Change<String>,
    /// The faults that were found when the request was read.
    pub faults: Faults,
}

/// The email and the password of a login, unchecked. Either may be any text.
#[derive(Clone)]
pub struct Credentials {
    /// The email address as it was sent. It is compared without its case.
    pub email: String,
    /// The password as it was sent.
    pub password: String,
}

impl CredentialsDraft {
    /// Checks that both are given, and returns all faults at once.
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
    /// The password, unchecked.
    pub password: Change<String>,
    /// The faults that were found when the request was read.
    pub faults: Faults,
}

impl PasswordDraft {
    /// Checks that the password is given.
    pub fn into_password(self) -> Result<String, Faults> {
        let mut read = FieldReader::new(self.faults);
        let password = read.required("password", self.password, |text| Ok(text.clone()));
        read.finish(|| password)
    }
}

/// A change of the password as a client sent it, unchecked.
#[derive(Clone, Default)]
pub struct PasswordChangeDraft {
    /// The password that the user has, unchecked.
    pub current_password: Change<String>,
    /// The password that the user wants, unchecked.
    pub new_password: Change<String>,
    /// The faults that were found when the request was read.
    pub faults: Faults,
}

/// A change of the password, checked. It has no `Debug` form, which would show a password.
#[derive(Clone)]
pub struct PasswordChange {
    /// The password that the user has, as it was sent.
    pub current_password: String,
    /// The password that the user wants.
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
    /// The name under which others see the user, unchecked.
    pub username: Change<String>,
    /// The name of the person, unchecked.
    pub name: Change<String>,
    /// Cannot be changed. The present one may be sent, because clients are shown it.
    pub email: Change<String>,
    /// Users cannot change their own, but may send it.
    pub role: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

impl ProfileDraft {
    /// A change of this user by an admin.
    pub fn into_patch(self, user: &User) -> Result<UserPatch, Faults> {
        let mut read = FieldReader::new(self.faults);
        read.unchanged("email", &self.email, |text| {
            Email::parse(text).is_ok_and(|email| email == user.email)
        });
        let username = read.optional_text("username", self.username, Username::parse);
        let name = read.optional_text("name", self.name, UserName::parse);
        let role = read.not_cleared("role", self.role, |text| text.parse());
        read.finish(|| Some(UserPatch { username, name, role }))
    }

    /// A change of this user by the user.
    pub fn into_own_patch(mut self, user: &User) -> Result<UserPatch, Faults> {
        let mut read = FieldReader::new(mem::take(&mut self.faults));
        let role = mem::take(&mut self.role);
        read.unchanged("role", &role, |text| text == user.role.as_str());
        self.faults = read.into_faults();
        self.into_patch(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::UserId;
    use crate::{Fault, FaultCode, Version};

    fn ann() -> User {
        let at = "2026-11-21T06:00:00Z".parse().unwrap();
        User {
            id: UserId::new(1),
            email: Email::parse("Ann@example.com").unwrap(),
            username: None,
            name: None,
            role: Role::User,
            access_epoch: 0,
            version: Version::FIRST,
            created_at: at,
            updated_at: at,
        }
    }

    fn set(text: &str) -> Change<String> {
        Change::Set(text.to_owned())
    }

    fn fields(faults: &Faults) -> Vec<&str> {
        faults.by_field().keys().map(String::as_str).collect()
    }

    #[test]
    fn what_cannot_be_changed_may_be_sent_as_it_is() {
        let same =
            ProfileDraft { email: set("Ann@example.com"), role: set("user"), ..Default::default() };
        assert_eq!(same.clone().into_own_patch(&ann()).unwrap(), UserPatch::default());
        let role = Some(Role::User);
        assert_eq!(same.into_patch(&ann()).unwrap(), UserPatch { role, ..Default::default() });
    }

    #[test]
    fn only_an_admin_changes_a_role_and_nobody_an_email() {
        for email in [set("bob@example.com"), set("ann@example.com"), set(""), Change::Clear] {
            let other = ProfileDraft {
                email,
                role: set("admin"),
                name: set("\u{1}"),
                ..Default::default()
            };
            let faults = other.clone().into_own_patch(&ann()).unwrap_err();
            assert_eq!(fields(&faults), ["email", "name", "role"]);
            let faults = other.into_patch(&ann()).unwrap_err();
            assert_eq!(fields(&faults), ["email", "name"]);
        }
        let mut wrong = ProfileDraft::default();
        wrong.faults.add("role", Fault::new(FaultCode::WrongType, "must be text"));
        let faults = wrong.into_own_patch(&ann()).unwrap_err();
        assert_eq!(faults.sentences("role"), ["must be text"]);
    }
}
