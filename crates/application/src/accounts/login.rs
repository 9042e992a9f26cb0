use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::accounts::{
    AccessClaims, AccessTokenError, Credentials, CredentialsDraft, Email, NewSession, Password,
    PasswordHash, Rotated, Rotation, RotationError, SessionId, SessionUser, StoredCredentials,
    User, UserId,
};
use bookshelf_domain::{Timestamp, error_chain};

use super::refresh_token::RefreshToken;
use super::{Accounts, Client, TokenPair, Verified};
use crate::{Caller, Error, TokenFault};

impl Accounts {
    /// Opens a session. An unknown email and a wrong password get the same error after the same time.
    pub async fn login(&self, draft: CredentialsDraft, client: Client) -> Result<TokenPair, Error> {
        let now = self.ports.clock.now();
        let Credentials { email, password } = draft.into_credentials()?;
        let stored = match Email::parse(&email) {
            Ok(email) => self.ports.users.find_by_email(email).await?,
            Err(_) => None,
        };
        let user_id = stored.as_ref().map(|stored| stored.user.id.get());
        let opened = self.open(password, stored, client, now).await;
        let (user, session, refresh) = opened.inspect_err(|error| {
            if matches!(error, Error::InvalidCredentials) {
                tracing::warn!(event = "login_failed", user_id, "audit");
            }
        })?;
        tracing::info!(
            event = "login",
            user_id = user.id.get(),
            session_id = session.get(),
            "audit"
        );
        self.pair(user, session, &refresh, now)
    }

    async fn open(
        &self,
        password: String,
        stored: Option<StoredCredentials>,
        client: Client,
        now: Timestamp,
    ) -> Result<(User, SessionId, RefreshToken), Error> {
        let mut verified = self.verify(&password, stored).await?;
        self.renew_hash(&mut verified, &password).await;
        let user = verified.user;
        let refresh = RefreshToken::random(&*self.ports.random);
        let session = NewSession {
            user_id: user.id,
            refresh: refresh.digest(),
            user_agent: client.user_agent,
            address: client.address,
            at: now,
            idle_until: now + self.limits.refresh_idle,
            expires_at: now + self.limits.refresh_total,
        };
        let session = self.ports.sessions.open(session).await?.ok_or(Error::InvalidCredentials)?;
        // A change of the password ends every session of the user. A change that happened after the check
        // above has not ended this new session, so it is ended here.
        if !self.is_current(user.id, password, verified.password_hash).await? {
            self.ports.sessions.end(user.id, session.id, now).await?;
            return Err(Error::InvalidCredentials);
        }
        Ok((user, session.id, refresh))
    }

    /// Whether the password that matched the hash `verified` is still the user's.
    async fn is_current(
        &self,
        user: UserId,
        password: String,
        verified: PasswordHash,
    ) -> Result<bool, Error> {
        match self.ports.users.credentials(user).await? {
            None => Ok(false),
            Some(stored) if stored.password_hash == verified => Ok(true),
            // The hash changed: for another password, or for the same one.
            stored => match self.verify(&password, stored).await {
                Err(Error::InvalidCredentials) => Ok(false),
                verified => verified.map(|_| true),
            },
        }
    }

    /// Replaces a hash that is outdated, or that is not one of the prepared password. If that fails,
    /// the login continues, and the next one tries again.
    async fn renew_hash(&self, verified: &mut Verified, password: &str) {
        if verified.is_prepared && !self.ports.hasher.is_outdated(&verified.password_hash) {
            return;
        }
        match self.replace_hash(verified, password).await {
            Ok(new) => verified.password_hash = new,
            // The adapter reports it.
            Err(Error::Unavailable(_) | Error::StorageFull(_)) => {}
            Err(error) => {
                let user_id = verified.user.id.get();
                let error = error_chain(&error);
                tracing::warn!(user_id, error, "an outdated password hash was not replaced");
            }
        }
    }

    async fn replace_hash(
        &self,
        verified: &Verified,
        password: &str,
    ) -> Result<PasswordHash, Error> {
        let new = self.ports.hasher.hash(Password::prepared(password)).await?;
        let old = verified.password_hash.clone();
        self.ports.users.replace_hash(verified.user.id, old, new.clone()).await?;
        Ok(new)
    }

    /// Exchanges a refresh token for a new pair of tokens.
    pub async fn refresh(&self, token: &str) -> Result<TokenPair, Error> {
        let shown = RefreshToken::parse(token)?;
        let now = self.ports.clock.now();
        let mut salt = [0; 16];
        self.ports.random.fill(&mut salt);
        let successor = shown.successor(&salt);
        let rotation = Rotation {
            shown: shown.digest(),
            successor: successor.digest(),
            salt,
            at: now,
            idle_until: now + self.limits.refresh_idle,
            grace: self.limits.reuse_grace,
        };
        let (found, successor) = match self.ports.sessions.rotate(rotation).await {
            Ok(Rotated::Fresh(found)) => (found, successor),
            Ok(Rotated::Again { salt, session }) => (session, shown.successor(&salt)),
            Err(error) => {
                if let RotationError::Reused { session, user } = error {
                    let (user_id, session_id) = (user.get(), session.get());
                    tracing::warn!(event = "refresh_token_reused", user_id, session_id, "audit");
                }
                return Err(error.into());
            }
        };
        let SessionUser { user, session } = found;
        let (user_id, session_id) = (user.id.get(), session.id.get());
        tracing::info!(event = "refresh", user_id, session_id, "audit");
        self.pair(user, session.id, &successor, now)
    }

    /// The user for whom an access token was signed. This does not ask whether the session still lives,
    /// so it only serves to count requests that need no credentials.
    pub fn signed_for(&self, access_token: &str) -> Option<UserId> {
        let claims = self.ports.tokens.verify(access_token, self.ports.clock.now()).ok()?;
        Some(claims.user)
    }

    /// Checks an access token. Every request with an access token calls this.
    pub async fn authenticate(&self, access_token: &str) -> Result<Caller, Error> {
        let now = self.ports.clock.now();
        let claims = self.ports.tokens.verify(access_token, now).map_err(|error| {
            Error::Token(match error {
                AccessTokenError::Expired => TokenFault::Expired,
                AccessTokenError::Invalid(why) => {
                    // Anybody can send such a token, so this is no warning.
                    tracing::debug!(why, "an access token is not valid");
                    TokenFault::Invalid
                }
            })
        })?;
        let found = self.ports.sessions.find(claims.session).await?;
        found
            .filter(|found| {
                found.session.is_live(now)
                    && found.user.id == claims.user
                    && found.user.access_epoch == claims.epoch
                    && found.user.role == claims.role
            })
            .map(|found| Caller::in_session(found.user, found.session.id, self.rules))
            .ok_or(Error::Token(TokenFault::Revoked))
    }

    fn pair(
        &self,
        user: User,
        session: SessionId,
        refresh: &RefreshToken,
        now: Timestamp,
    ) -> Result<TokenPair, Error> {
        let mut id = [0; 16];
        self.ports.random.fill(&mut id);
        let claims = AccessClaims {
            user: user.id,
            session,
            role: user.role,
            epoch: user.access_epoch,
            id: URL_SAFE_NO_PAD.encode(id),
            issued_at: now,
            expires_at: now + self.limits.access_token,
        };
        let access_token =
            self.ports.tokens.sign(&claims).map_err(|error| Error::Unexpected(error.into()))?;
        Ok(TokenPair {
            access_token,
            refresh_token: refresh.expose(),
            expires_in: self.limits.access_token,
            user,
        })
    }
}
