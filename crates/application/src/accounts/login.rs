use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::accounts::{
    AccessClaims, AccessTokenError, CredentialsDraft, Email, NewSession, Rotated, Rotation,
    RotationError, SessionId, User,
};
use bookshelf_domain::{Intent, Timestamp};

use super::refresh_token::RefreshToken;
use super::{Accounts, Client, TokenPair};
use crate::{Error, Owner, TokenFault};

impl Accounts {
    /// Opens a session. An unknown email and a wrong password look the same, and take as long.
    pub async fn login(&self, draft: CredentialsDraft, client: Client) -> Result<TokenPair, Error> {
        let context = self.context(Intent::Create);
        let (email, password) = draft.into_parts(&context)?;
        let stored = match Email::parse(&email) {
            Ok(email) => self.ports.users.find_by_email(email).await?,
            Err(_) => None,
        };
        let user_id = stored.as_ref().map(|stored| stored.user.id);
        let user = self.verify(password, stored).await.inspect_err(|error| {
            if matches!(error, Error::InvalidCredentials) {
                tracing::warn!(event = "login_failed", user_id, "audit");
            }
        })?;

        let refresh = RefreshToken::random(&*self.ports.random);
        let session = NewSession {
            user_id: user.id,
            refresh: refresh.digest(),
            user_agent: client.user_agent,
            address: client.address,
            at: context.now,
            idle_until: context.now + self.limits.refresh_idle,
            expires_at: context.now + self.limits.refresh_total,
        };
        let session = self.ports.sessions.open(session).await?.ok_or(Error::InvalidCredentials)?;
        tracing::info!(event = "login", user_id = user.id, session_id = session.id, "audit");
        self.pair(user, session.id, &refresh, context.now)
    }

    /// Spends a refresh token for a new pair.
    pub async fn refresh(&self, token: &str) -> Result<TokenPair, Error> {
        let shown = RefreshToken::parse(token)?;
        let now = self.ports.clock.now();
        let mut salt = [0; 16];
        self.ports.random.fill(&mut salt);
        let successor = shown.successor(&salt)?;
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
            Ok(Rotated::Again { salt, session }) => (session, shown.successor(&salt)?),
            Err(error) => {
                if let RotationError::Reused { session, user } = error {
                    let (user_id, session_id) = (user, session);
                    tracing::warn!(event = "refresh_token_reused", user_id, session_id, "audit");
                }
                return Err(error.into());
            }
        };
        let (user_id, session_id) = (found.user.id, found.session.id);
        tracing::info!(event = "refresh", user_id, session_id, "audit");
        self.pair(found.user, session_id, &successor, now)
    }

    /// Tells who acts, from an access token: every authenticated request begins here.
    pub async fn authenticate(&self, access_token: &str) -> Result<Owner, Error> {
        let now = self.ports.clock.now();
        let claims = self.ports.tokens.verify(access_token, now).map_err(|error| {
            Error::Token(match error {
                AccessTokenError::Expired => TokenFault::Expired,
                AccessTokenError::Invalid(_) => TokenFault::Invalid,
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
            .map(|found| Owner { user: found.user, session: found.session.id })
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
