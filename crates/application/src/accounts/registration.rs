use bookshelf_domain::accounts::{NewUser, Registration, RegistrationDraft, Role, User};
use bookshelf_domain::invites::Invite;
use bookshelf_domain::{Change, IdempotencyKey, Made};

use super::Accounts;
use crate::Error;
use crate::access_rules::RegistrationMode;
use crate::idempotency::answer_again;
use crate::invites::InviteToken;

/// An invitation that exists, and the token with which it was found.
struct ShownInvite {
    invite: Invite,
    token: InviteToken,
}

impl Accounts {
    /// Creates an account for a person whom the rules of the server admit. Requests with the same
    /// idempotency key create only one.
    ///
    /// The account has the role of the invitation. Where registration is open and the draft has no
    /// invitation, it has the role `user`.
    pub async fn register(
        &self,
        draft: RegistrationDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<User>, Error> {
        let registered = match self.admit(&draft).await {
            Ok(Some(shown)) => self.accept(shown, draft, idempotency_key).await,
            Ok(None) => self.insert_user(draft, Some(Role::User), idempotency_key).await,
            Err(refusal) => {
                let find =
                    async |key| self.ports.users.find_created(key, self.ports.clock.now()).await;
                answer_again(idempotency_key, refusal, find).await
            }
        };
        registered.map_err(Error::without_user).inspect_err(|error| {
            if matches!(error, Error::InviteInvalid) {
                tracing::warn!(event = "invite_refused", "audit");
            }
        })
    }

    /// Finds the invitation of a registration, and refuses a registration that the rules of the
    /// server do not admit.
    ///
    /// This comes before the password is hashed and before any name is looked up. So a person without
    /// an invitation can neither keep the server busy nor find out who has an account.
    async fn admit(&self, draft: &RegistrationDraft) -> Result<Option<ShownInvite>, Error> {
        let text = match &draft.invite {
            Change::Set(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        };
        let text = match (self.rules.registration, text) {
            (RegistrationMode::Closed, _) => return Err(Error::RegistrationClosed),
            (_, Some(text)) => text,
            (RegistrationMode::Open, None) => return Ok(None),
            // The member was sent with another type. The draft is refused because of this fault.
            (RegistrationMode::Invite, None) if draft.faults.has("invite") => return Ok(None),
            (RegistrationMode::Invite, None) => return Err(Error::InviteInvalid),
        };
        let token = InviteToken::parse(text).ok_or(Error::InviteInvalid)?;
        let found = self.ports.invites.find_by_digest(token.digest()).await?;
        let now = self.ports.clock.now();
        let invite = found.filter(|invite| invite.is_live(now)).ok_or(Error::InviteInvalid)?;
        Ok(Some(ShownInvite { invite, token }))
    }

    /// Creates the account of an invited person.
    async fn accept(
        &self,
        ShownInvite { invite, token }: ShownInvite,
        draft: RegistrationDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<User>, Error> {
        let registration = draft.into_registration()?;
        if !invite.is_for(&registration.email) {
            return Err(Error::InviteInvalid);
        }
        let user = self.new_user(registration, Some(invite.role), idempotency_key).await?;
        let made = self.ports.invites.accept(token.digest(), user).await?;
        if let Made::Now(user) = &made {
            let (user_id, role, invite_id) = (user.id.get(), user.role, invite.id.get());
            tracing::info!(event = "user_created", user_id, %role, invite_id, "audit");
        }
        Ok(made)
    }

    /// `role` takes precedence over the role in the draft.
    pub(super) async fn insert_user(
        &self,
        draft: RegistrationDraft,
        role: Option<Role>,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<User>, Error> {
        let user = self.new_user(draft.into_registration()?, role, idempotency_key).await?;
        let made = self.ports.users.insert(user).await?;
        if let Made::Now(user) = &made {
            let (user_id, role) = (user.id.get(), user.role);
            tracing::info!(event = "user_created", user_id, %role, "audit");
        }
        Ok(made)
    }

    /// Hashes the password. `role` takes precedence over the role of the registration.
    async fn new_user(
        &self,
        registration: Registration,
        role: Option<Role>,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<NewUser, Error> {
        Ok(NewUser {
            password_hash: self.ports.hasher.hash(registration.password).await?,
            email: registration.email,
            username: registration.username,
            name: registration.name,
            role: role.or(registration.role).unwrap_or(Role::User),
            at: self.ports.clock.now(),
            idempotency_key,
        })
    }
}
