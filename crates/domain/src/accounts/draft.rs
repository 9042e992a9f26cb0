use garde::Validate;

use crate::accounts::{Email, Password, UserName, UserPatch, Username};
use crate::draft::{self, DraftContext, line, required, valid};
use crate::{Change, Faults};

/// A registration as somebody wrote it, unchecked.
#[derive(Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct RegistrationDraft {
    #[garde(custom(required), custom(email_rule))]
    pub email: Change<String>,
    #[garde(custom(required), custom(new_password_rule(&self.email)))]
    pub password: Change<String>,
    #[garde(custom(username_rule))]
    pub username: Change<String>,
    #[garde(custom(line::<100>))]
    pub name: Change<String>,
    #[garde(skip)]
    pub faults: Faults,
}

/// A registration, checked.
#[derive(Debug, Clone)]
pub struct Registration {
    pub email: Email,
    pub password: Password,
    pub username: Option<Username>,
    pub name: Option<UserName>,
}

impl RegistrationDraft {
    pub fn into_registration(self, context: &DraftContext) -> Result<Registration, Faults> {
        draft::check(&self, &self.faults, context)?;
        let email = draft::read_required("email", self.email, |text| Email::parse(text))?;
        Ok(Registration {
            password: draft::read_required("password", self.password, |text| {
                Password::parse(text, Some(&email))
            })?,
            email,
            username: draft::read("username", self.username, |text| Username::parse(text))?
                .into_value(),
            name: draft::read("name", self.name, |text| UserName::parse(text))?.into_value(),
        })
    }
}

/// An email and a password as somebody typed them.
///
/// They are only checked for being there: what could never be an account is answered like what
/// merely is none.
#[derive(Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct CredentialsDraft {
    #[garde(custom(required))]
    pub email: Change<String>,
    #[garde(custom(required))]
    pub password: Change<String>,
    #[garde(skip)]
    pub faults: Faults,
}

impl CredentialsDraft {
    /// The email and the password.
    pub fn into_parts(self, context: &DraftContext) -> Result<(String, String), Faults> {
        draft::check(&self, &self.faults, context)?;
        Ok((
            draft::read_required("email", self.email, |text| Ok(text.clone()))?,
            draft::read_required("password", self.password, |text| Ok(text.clone()))?,
        ))
    }
}

/// The account's password, asked for once more before something that cannot be undone.
#[derive(Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct PasswordDraft {
    #[garde(custom(required))]
    pub password: Change<String>,
    #[garde(skip)]
    pub faults: Faults,
}

impl PasswordDraft {
    pub fn into_password(self, context: &DraftContext) -> Result<String, Faults> {
        draft::check(&self, &self.faults, context)?;
        draft::read_required("password", self.password, |text| Ok(text.clone()))
    }
}

/// A change of the password as somebody wrote it, unchecked.
#[derive(Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct PasswordChangeDraft {
    #[garde(custom(required))]
    pub current_password: Change<String>,
    #[garde(custom(required), custom(new_password_rule(&Change::Keep)))]
    pub new_password: Change<String>,
    #[garde(skip)]
    pub faults: Faults,
}

/// A change of the password, checked.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    pub current_password: String,
    pub new_password: Password,
}

impl PasswordChangeDraft {
    /// `email` is the account's own.
    pub fn into_change(
        self,
        email: &Email,
        context: &DraftContext,
    ) -> Result<PasswordChange, Faults> {
        draft::check(&self, &self.faults, context)?;
        Ok(PasswordChange {
            current_password: draft::read_required(
                "current_password",
                self.current_password,
                |text| Ok(text.clone()),
            )?,
            new_password: draft::read_required("new_password", self.new_password, |text| {
                Password::parse(text, Some(email))
            })?,
        })
    }
}

/// A change of one's own profile as somebody wrote it, unchecked.
#[derive(Debug, Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct ProfileDraft {
    #[garde(custom(username_rule))]
    pub username: Change<String>,
    #[garde(custom(line::<100>))]
    pub name: Change<String>,
    #[garde(skip)]
    pub faults: Faults,
}

impl ProfileDraft {
    pub fn into_patch(self, context: &DraftContext) -> Result<UserPatch, Faults> {
        draft::check(&self, &self.faults, context)?;
        Ok(UserPatch {
            username: draft::read("username", self.username, |text| Username::parse(text))?,
            name: draft::read("name", self.name, |text| UserName::parse(text))?,
            role: None,
        })
    }
}

fn email_rule(field: &Change<String>, _: &DraftContext) -> garde::Result {
    valid(field, |text| Email::parse(text))
}

fn username_rule(field: &Change<String>, _: &DraftContext) -> garde::Result {
    valid(field, |text| Username::parse(text))
}

fn new_password_rule(
    email: &Change<String>,
) -> impl FnOnce(&Change<String>, &DraftContext) -> garde::Result {
    let email = match email {
        Change::Set(text) => Email::parse(text).ok(),
        Change::Keep | Change::Clear => None,
    };
    move |field, _| valid(field, |text| Password::parse(text, email.as_ref()))
}
