//! The rules of a server about who may register and who may write the catalogue.

/// Who may create an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegistrationMode {
    /// Everybody.
    #[default]
    Open,
    /// People with an invitation.
    Invite,
    /// Nobody. Admins still create accounts.
    Closed,
}

/// Who may add and change books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CatalogueWrites {
    /// Every user.
    #[default]
    Users,
    Admins,
}

/// The rules that the operator of a server chooses. The check of credentials gives them to every
/// [`Caller`](crate::Caller).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccessRules {
    pub registration: RegistrationMode,
    pub catalogue_writes: CatalogueWrites,
}
